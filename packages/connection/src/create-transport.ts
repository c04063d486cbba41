import * as platform from "#platform";
import type { Transport, TransportOptions } from "./transport.ts";

/**
 * The HTTP transport of this platform: undici on Node, `fetch` in browsers. Its maker closes it.
 * @throws InvalidArgumentError, TransportConfigError
 */
export const createTransport: (options?: TransportOptions) => Transport = platform.createTransport;
