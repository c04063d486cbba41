import { ExtensionCodec, decode as peerDecode, encode as peerEncode } from "@msgpack/msgpack";
import { type Codec, decode, encode, type FieldSchema, type Schema } from "@parsec/types";
import { describe, expect, it } from "vitest";
import {
  asyncEnrollmentAccept,
  cryptpadRegisterSession,
  eventsListen,
  organizationSelfList,
  serverConfig,
} from "../src/index.ts";

// What changed within API 5 (spec 05 §1): a reply with and without each field decodes.

const full = {
  server_config: encode(serverConfig.reply, {
    status: "ok",
    account: "ENABLED_WITH_VAULT",
    organizationBootstrap: "SPONTANEOUS",
    openbao: {
      type: "ENABLED",
      serverUrl: "https://bao.example.com",
      secret: { type: "KV2", mountPath: "secret" },
      transitMountPath: "other",
      auths: [{ id: "HEXAGONE", mountPath: "auth/hexagone" }],
    },
    cryptpad: { type: "ENABLED", serverUrl: "https://pad.example.com" },
    advisoryDeviceFileProtection: ["PASSWORD+TOTP"],
  }),
  events_listen: encode(eventsListen.reply, {
    status: "ok",
    event: "ORGANIZATION_CONFIG",
    activeUsersLimit: 3,
    userProfileOutsiderAllowed: true,
    sseKeepaliveSeconds: null,
    realmMinimumArchivingPeriodBeforeDeletion: 60,
    allowedClientAgent: "NATIVE_ONLY",
  }),
  async_enrollment_accept: encode(asyncEnrollmentAccept.reply, { status: "ok", emailSent: "SUCCESS" }),
};

type Plain = Record<string, unknown>;

/** The bytes of the same map without one key, wherever it stands. */
function without(bytes: Uint8Array, key: string): Uint8Array {
  const strip = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value as Plain).filter(([name]) => name !== key);
    return Object.fromEntries(entries.map(([name, inner]) => [name, strip(inner)]));
  };
  return peerEncode(strip(peerDecode(bytes)));
}

const cases: readonly [string, Uint8Array, Codec<unknown>, string][] = [
  ["transit_mount_path (5.4)", full.server_config, serverConfig.reply, "transitMountPath"],
  ["cryptpad (5.5)", full.server_config, serverConfig.reply, "cryptpad"],
  ["advisory_device_file_protection (5.5)", full.server_config, serverConfig.reply, "advisoryDeviceFileProtection"],
  [
    "realm_minimum_archiving_period_before_deletion (5.5)",
    full.events_listen,
    eventsListen.reply,
    "realmMinimumArchivingPeriodBeforeDeletion",
  ],
  ["allowed_client_agent (5.1 to 5.2, and ours)", full.events_listen, eventsListen.reply, "allowedClientAgent"],
  ["email_sent (5.5)", full.async_enrollment_accept, asyncEnrollmentAccept.reply, "emailSent"],
];

describe("fields that came with a revision", () => {
  it.each(cases)("%s: with it and without", (name, bytes, codec, property) => {
    const key = name.split(" ")[0] ?? "";
    expect(JSON.stringify(decode(codec, bytes))).toContain(property);
    expect(JSON.stringify(decode(codec, without(bytes, key)))).not.toContain(property);
  });

  it("send_email (5.5) of a request: with it and without", () => {
    const { schema } = asyncEnrollmentAccept.request;
    expect(optionalFields(schema)).toEqual(["send_email"]);
  });

  it("are all those of the table", () => {
    const codecs = [serverConfig.reply, eventsListen.reply, asyncEnrollmentAccept.reply];
    const fields = codecs.flatMap(({ schema }) => optionalFields(schema));
    expect(new Set(fields)).toEqual(new Set(cases.map(([name]) => name.split(" ")[0])));
  });

  it("that are gone (5.3) are passed over", () => {
    const config = {
      ...{ is_expired: false, user_profile_outsider_allowed: true, active_users_limit: null },
      ...{ allowed_client_agent: "NATIVE_ONLY", account_vault_strategy: "ALLOWED" },
    };
    const extensionCodec = new ExtensionCodec();
    class Extension {
      readonly type: number;
      readonly data: Uint8Array;
      constructor(type: number, data: Uint8Array) {
        this.type = type;
        this.data = data;
      }
    }
    for (const type of [1, 2]) {
      const encodeThis = (value: unknown) => (value instanceof Extension && value.type === type ? value.data : null);
      extensionCodec.register({ type, encode: encodeThis, decode: () => undefined });
    }
    const user = {
      ...{ organization_id: "Org", user_id: new Extension(2, new Uint8Array(16)), is_frozen: false },
      ...{ created_on: new Extension(1, new Uint8Array(8)), current_profile: "ADMIN", organization_config: config },
    };
    const reply = decode(
      organizationSelfList.reply,
      peerEncode({ status: "ok", active: [user], revoked: [] }, { extensionCodec }),
    );
    expect(reply).toMatchObject({ active: [{ organizationConfig: { isExpired: false } }] });
    expect(JSON.stringify(reply)).not.toContain("NATIVE_ONLY");
  });
});

describe("commands that came with a revision", () => {
  it("say so", () => {
    expect(serverConfig.since).toEqual({ major: 5, revision: 3 });
    expect(cryptpadRegisterSession.since).toEqual({ major: 5, revision: 6 });
    expect(eventsListen.since).toEqual({ major: 5, revision: 0 });
  });
});

function optionalFields(schema: Schema): readonly string[] {
  switch (schema.kind) {
    case "struct":
      return schema.fields.flatMap((field: FieldSchema) => [
        ...(field.presence === "optional" ? [field.name] : []),
        ...optionalFields(field.type),
      ]);
    case "union":
      return schema.variants.flatMap(({ type }) => optionalFields(type));
    case "list":
    case "set":
    case "nullable":
      return optionalFields(schema.item);
    default:
      return [];
  }
}
