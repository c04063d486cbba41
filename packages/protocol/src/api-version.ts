import { requireText } from "@parsec/base";

/** A version of the RPC API (spec 05 §1). Both numbers are unsigned integers of 32 bits. */
export interface ApiVersion {
  readonly major: number;
  readonly revision: number;
}

/** The version that this SDK speaks. */
export const apiVersion: ApiVersion = { major: 5, revision: 6 };

/** Request and reply header that holds one version. */
export const apiVersionHeader = "Api-Version";
/** Header of HTTP 422 that holds the server's versions. */
export const supportedApiVersionsHeader = "Supported-Api-Versions";

const largest = 0xffff_ffff;

/** `<major>.<revision>`; a leading `+` and leading zeros pass. `undefined` for anything else (spec 05 §4). */
export function parseApiVersion(text: string): ApiVersion | undefined {
  requireText("text", text);
  const match = /^\+?(\d+)\.\+?(\d+)$/.exec(text);
  if (match === null) return undefined;
  const major = Number(match[1]);
  const revision = Number(match[2]);
  return major <= largest && revision <= largest ? { major, revision } : undefined;
}

export function formatApiVersion({ major, revision }: ApiVersion): string {
  return `${major}.${revision}`;
}

/** Negative, zero or positive as `a` is older than, equal to or newer than `b`. */
export function compareApiVersions(a: ApiVersion, b: ApiVersion): number {
  return a.major - b.major || a.revision - b.revision;
}

/** The first supported version of the client's major; revisions never matter (spec 05 §4). */
export function negotiateApiVersion(client: ApiVersion, supported: readonly ApiVersion[]): ApiVersion | undefined {
  return supported.find(({ major }) => major === client.major);
}

/** The versions in a `Supported-Api-Versions` header. What does not parse is dropped; nothing is trimmed. */
export function parseSupportedApiVersions(header: string): readonly ApiVersion[] {
  requireText("header", header);
  return header.split(";").flatMap((text) => parseApiVersion(text) ?? []);
}

export function formatSupportedApiVersions(versions: readonly ApiVersion[]): string {
  return versions.map(formatApiVersion).join(";");
}
