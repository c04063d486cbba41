import { type Infer, nonRequired, nullable, Str, struct } from "@parsec/types";

/** What can be read of a reply whose status this version does not know. */
export const UnknownReply = /* @__PURE__ */ struct({
  status: Str,
  reason: /* @__PURE__ */ nonRequired(/* @__PURE__ */ nullable(Str)),
});
export type UnknownReply = Infer<typeof UnknownReply>;

/**
 * A reply whose status is not one of the command's: a value, not an error, since a newer revision of the API may add
 * statuses (spec 05 §5.3). Callers treat it as an unexpected answer.
 */
export interface UnknownStatus {
  readonly status: "unknown_status";
  /** The status as on the wire. */
  readonly unknownStatus: string;
  readonly reason: string | null;
}
