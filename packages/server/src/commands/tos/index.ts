import type { Handler } from "../handler.ts";
import type { DeviceCaller } from "../scope.ts";
import { tosAcceptHandler } from "./tos-accept.ts";
import { tosGetHandler } from "./tos-get.ts";

/** The commands of the family. */
export const tosHandlers: readonly Handler<DeviceCaller>[] = [tosAcceptHandler, tosGetHandler];
