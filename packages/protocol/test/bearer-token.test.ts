import { fromHex } from "@parsec/base";
import { ready, SecretKey, SigningKey } from "@parsec/crypto";
import { AccountAuthMethodId, DateTime, DeviceId } from "@parsec/types";
import { beforeAll, describe, expect, it } from "vitest";
import {
  bearer,
  createAccountToken,
  createDeviceToken,
  isTokenTimely,
  parseAccountToken,
  parseBearer,
  parseDeviceToken,
  parseInvitationToken,
  verifyAccountToken,
  verifyDeviceToken,
} from "../src/index.ts";
import { readVectors } from "./support/vectors.ts";

interface Pinned {
  readonly timestamp_seconds: number;
  readonly token: string;
  readonly header: string;
}

interface AuthorizationVectors {
  readonly authorization: {
    readonly account: readonly (Pinned & { auth_method_id: string; mac_key_hex: string })[];
    readonly device: readonly (Pinned & { device_id: string; signing_key_seed_hex: string })[];
    readonly invited: readonly { invitation_token_hex: string; header: string }[];
    readonly server_rejections: Readonly<
      Record<"device" | "account" | "invited", readonly { authorization: string | null; http_status: number }[]>
    >;
  };
}

const { authorization } = readVectors<AuthorizationVectors>("protocol.json");
const bytes = (hex: string) => fromHex(hex) ?? expect.unreachable();
const half = 500_000;

beforeAll(() => ready());

describe("device tokens", () => {
  it.each(authorization.device)("$token", (vector) => {
    const key = SigningKey.fromBytes(bytes(vector.signing_key_seed_hex));
    const deviceId = DeviceId.parse(vector.device_id) ?? expect.unreachable();
    const now = DateTime.fromMicros(vector.timestamp_seconds * 1e6 + half);
    expect(createDeviceToken(deviceId, key, now)).toBe(vector.token);
    expect(bearer(vector.token)).toBe(vector.header);
    const token = parseDeviceToken(parseBearer(vector.header) ?? "") ?? expect.unreachable();
    expect(token).toMatchObject({ id: deviceId, seconds: vector.timestamp_seconds });
    expect(verifyDeviceToken(token, key.verifyKey)).toBe(true);
    expect(verifyDeviceToken(token, SigningKey.generate().verifyKey)).toBe(false);
    expect(verifyDeviceToken({ ...token, signature: token.signature.slice(1) }, key.verifyKey)).toBe(false);
  });
});

describe("account tokens", () => {
  it.each(authorization.account)("$token", (vector) => {
    const key = SecretKey.fromBytes(bytes(vector.mac_key_hex));
    const id = AccountAuthMethodId.parse(vector.auth_method_id) ?? expect.unreachable();
    expect(createAccountToken(id, key, DateTime.fromMicros(vector.timestamp_seconds * 1e6 + half))).toBe(vector.token);
    const token = parseAccountToken(parseBearer(vector.header) ?? "") ?? expect.unreachable();
    expect(token).toMatchObject({ id, seconds: vector.timestamp_seconds });
    expect(verifyAccountToken(token, key)).toBe(true);
    expect(verifyAccountToken(token, SecretKey.generate())).toBe(false);
  });

  it("needs the padding of its base64", () => {
    expect(parseAccountToken(authorization.account[0]?.token.replace(/=+$/, "") ?? "")).toBeUndefined();
  });
});

describe("malformed tokens", () => {
  const { device, account, invited } = authorization.server_rejections;
  const isMalformed = ({ http_status }: { http_status: number }) => http_status === 401;
  // The notes of the vectors stand for values: an id, a signature, a token without its padding.
  const fill = (text: string | null) =>
    (text ?? "")
      .replace("{device}", DeviceId.generate())
      .replace(/\{(sig|mac)\}/, `${"A".repeat(86)}==`)
      .replace(/^the pinned account token.*/, `Bearer ${authorization.account[0]?.token.replace(/=+$/, "")}`);
  const parse = (text: string, parser: (token: string) => unknown) => {
    const token = parseBearer(fill(text));
    return token === undefined ? undefined : parser(token);
  };

  it.each(device.filter(isMalformed))("device: $authorization", ({ authorization: text }) => {
    expect(parse(text ?? "", parseDeviceToken)).toBeUndefined();
  });
  it.each(account.filter(isMalformed))("account: $authorization", ({ authorization: text }) => {
    expect(parse(text ?? "", parseAccountToken)).toBeUndefined();
  });
  it.each(invited.filter(isMalformed))("invited: $authorization", ({ authorization: text }) => {
    expect(parse(text ?? "", parseInvitationToken)).toBeUndefined();
  });

  it("are those of another kind, with more parts, or beyond the calendar", () => {
    const [good = ""] = authorization.device.map(({ token }) => token);
    expect(parseDeviceToken(good)).toBeDefined();
    expect(parseAccountToken(good)).toBeUndefined();
    expect(parseDeviceToken(`${good}.x`)).toBeUndefined();
    expect(parseDeviceToken(good.replace(".1708687856.", ".999999999999999."))).toBeUndefined();
    expect(parseDeviceToken(good.replace(".1708687856.", ".1708687856.5."))).toBeUndefined();
  });
});

describe("invitation tokens", () => {
  it.each(authorization.invited)("$header", ({ header, invitation_token_hex }) => {
    expect(parseInvitationToken(parseBearer(header) ?? "")).toBe(invitation_token_hex);
    expect(bearer(invitation_token_hex)).toBe(header);
  });
});

describe("Bearer", () => {
  it("is two words, the first in any case", () => {
    expect(parseBearer("bEARER  x")).toBe("x");
    for (const header of ["", "x", "Bearer", "Bearer x y", "Basic x"]) expect(parseBearer(header)).toBeUndefined();
  });
});

describe("the validity of a token", () => {
  const token = { id: "", seconds: 1000, signed: new Uint8Array(), signature: new Uint8Array() };
  it.each([
    [700, false],
    [700.000001, true],
    [1000, true],
    [1319.999999, true],
    [1320, false],
  ])("seen at %d s is %s", (seconds, expected) => {
    expect(isTokenTimely(token, DateTime.fromSeconds(seconds))).toBe(expected);
  });
});
