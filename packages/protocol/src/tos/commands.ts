import { tosAccept } from "./tos-accept.ts";
import { tosGet } from "./tos-get.ts";

/** The tos commands, by their name on the wire (spec 05 §13.2). */
export const tosCommands = {
  tos_accept: tosAccept,
  tos_get: tosGet,
} as const;
