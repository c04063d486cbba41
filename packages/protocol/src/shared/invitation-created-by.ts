import { HumanHandle, type Infer, Str, taggedUnion, UserId } from "@parsec/types";

/** Who created an invitation. */
export const InvitationCreatedBy = /* @__PURE__ */ taggedUnion("type", {
  USER: { userId: UserId, humanHandle: HumanHandle },
  EXTERNAL_SERVICE: { serviceLabel: Str },
});
export type InvitationCreatedBy = Infer<typeof InvitationCreatedBy>;
