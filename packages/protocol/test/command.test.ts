import type { DateTime, VlobId } from "@parsec/types";
import { describe, expectTypeOf, it } from "vitest";
import type {
  FieldsOf,
  InviteInfoReply,
  inviteInfo,
  OkOf,
  PingReply,
  PingRequest,
  RequestOf,
  VlobCreateReply,
  vlobCreate,
} from "../src/index.ts";

describe("the types of a command", () => {
  it("spell out the request, with its cmd, and what a caller gives", () => {
    expectTypeOf<PingRequest>().toEqualTypeOf<{ readonly cmd: "ping"; readonly ping: string }>();
    expectTypeOf<FieldsOf<typeof vlobCreate>>().toEqualTypeOf<{
      readonly realmId: VlobId;
      readonly vlobId: VlobId;
      readonly keyIndex: number;
      readonly timestamp: DateTime;
      readonly blob: Uint8Array;
    }>();
    expectTypeOf<RequestOf<typeof vlobCreate>["cmd"]>().toEqualTypeOf<"vlob_create">();
  });

  it("spell out the replies, told apart by status, the unknown one among them", () => {
    expectTypeOf<PingReply>().toEqualTypeOf<
      | { readonly status: "ok"; readonly pong: string }
      | { readonly status: "unknown_status"; readonly unknownStatus: string; readonly reason: string | null }
    >();
    expectTypeOf<Extract<VlobCreateReply, { status: "bad_key_index" }>>().toEqualTypeOf<{
      readonly status: "bad_key_index";
      readonly lastRealmCertificateTimestamp: DateTime;
    }>();
  });

  it("flatten a unit reply", () => {
    expectTypeOf<OkOf<typeof inviteInfo>["type"]>().toEqualTypeOf<"USER" | "DEVICE" | "SHAMIR_RECOVERY">();
    expectTypeOf<Extract<InviteInfoReply, { type: "SHAMIR_RECOVERY" }>["threshold"]>().toEqualTypeOf<number>();
  });
});
