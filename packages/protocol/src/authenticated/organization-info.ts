import { Size } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Tells how much the organization stores, in bytes as stored (encrypted), without deleted realms (spec 05 §13.1). */
export const organizationInfo = /* @__PURE__ */ command("authenticated", "organization_info", () => ({
  request: {},
  replies: {
    ok: { totalMetadataBytes: Size, totalBlockBytes: Size },
  },
}));
export type OrganizationInfoRequest = RequestOf<typeof organizationInfo>;
export type OrganizationInfoReply = ReplyOf<typeof organizationInfo>;
