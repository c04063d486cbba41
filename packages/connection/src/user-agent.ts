import { nativeUserAgentPrefix } from "@parsec/protocol";
import { operatingSystem } from "#platform";

/** The version of this SDK, for `User-Agent`. */
export const sdkVersion = "0.1.0";

/**
 * The `User-Agent` of a client (spec 05 §2): two words, `Parsec-Client/<version> <OS>`. Servers record it with account
 * authentication methods, and organizations may let in only what begins so (spec 05 §10). Some browsers send their own.
 */
export function userAgent(version: string = sdkVersion): string {
  return `${nativeUserAgentPrefix}${version.replace(/\s+/g, "-")} ${operatingSystem}`;
}
