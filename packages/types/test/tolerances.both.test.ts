import { decode as peerDecode, encode as peerEncode } from "@msgpack/msgpack";
import { utf8 } from "@parsec/base";
import { describe, expect, it } from "vitest";
import {
  AccessToken,
  ActiveUsersLimit,
  CertificateSigner,
  type Codec,
  DateTime,
  DeviceLabel,
  decode,
  EmailAddress,
  encode,
  HumanHandle,
  ParsecAddr,
  PublicKeyCodec,
  RealmRole,
  SecretKeyCodec,
  ShamirShareCodec,
  serverAddress,
  TrustedPasswordAlgorithm,
  UserId,
  ValidationCode,
} from "../src/index.ts";

// Spec 02 §1.2, for the scalars that have rules of their own.

const ascii = (size: number) => "k".repeat(size);
const refused = expect.objectContaining({ code: "DECODE_FAILED" });

function read<T>(codec: Codec<T>, value: unknown): T {
  return decode(codec, peerEncode(value));
}

describe("bytes", () => {
  it("are accepted as a text, which old writers gave", () => {
    expect(read(SecretKeyCodec, ascii(32)).toBytes()).toEqual(utf8(ascii(32)));
    expect(read(PublicKeyCodec, ascii(32)).toBytes()).toEqual(utf8(ascii(32)));
    expect(read(AccessToken, ascii(16))).toBe("6b".repeat(16));
  });

  it("are accepted as integers for a token, not for a key", () => {
    expect(read(AccessToken, Array(16).fill(255))).toBe("ff".repeat(16));
    expect(() => read(AccessToken, Array(16).fill(256))).toThrow(refused);
    expect(() => read(SecretKeyCodec, Array(32).fill(1))).toThrow(refused);
  });

  it.each([
    ["a key", SecretKeyCodec, 31],
    ["a key", SecretKeyCodec, 33],
    ["a token", AccessToken, 15],
    ["a token", AccessToken, 17],
    ["a share", ShamirShareCodec, 1],
  ])("of the wrong size are refused: %s of %3$s bytes", (_, codec: Codec<unknown>, size) => {
    expect(() => read(codec, new Uint8Array(size))).toThrow(refused);
  });

  it("are said of in an error without being shown", () => {
    try {
      read(SecretKeyCodec, utf8(`secret-${ascii(24)}`));
      expect.unreachable();
    } catch (error) {
      const shown = [error, error instanceof Error && error.cause].map((each) => String(each)).join();
      expect(shown).toContain("32 bytes, got 31");
      expect(shown).not.toContain("secret");
    }
  });
});

describe("texts", () => {
  it("are accepted as bytes that hold UTF-8", () => {
    expect(read(DeviceLabel, utf8("café"))).toBe("café");
    expect(read(EmailAddress, utf8("a@b"))).toBe("a@b");
    expect(read(ValidationCode, utf8("AD3FXJ"))).toBe("AD3FXJ");
    expect(() => read(DeviceLabel, Uint8Array.of(0xff))).toThrow(refused);
  });

  it("of an enumeration or a server address are accepted as a text alone", () => {
    expect(() => read(RealmRole, utf8("OWNER"))).toThrow(refused);
    expect(() => read(ParsecAddr, utf8("https://a/"))).toThrow(refused);
    expect(() => read(RealmRole, 0)).toThrow(refused);
    expect(() => read(RealmRole, { OWNER: null })).toThrow(refused);
  });
});

describe("HumanHandle", () => {
  it("is an array of the e-mail address and the label", () => {
    const handle = HumanHandle.parse("a@b", "A");
    expect(peerDecode(encode(HumanHandle, handle))).toEqual(["a@b", "A"]);
    for (const value of [["a@b"], ["a@b", "A", "x"], { email: "a@b", label: "A" }, ["a@b", null]]) {
      expect(() => read(HumanHandle, value)).toThrow(refused);
    }
  });
});

describe("values that may be nil", () => {
  it("are null", () => {
    expect(read(CertificateSigner, null)).toBeNull();
    expect(read(ActiveUsersLimit, null)).toBeNull();
    expect(read(ActiveUsersLimit, 0)).toBe(0);
  });

  it("are refused otherwise", () => {
    expect(() => read(ActiveUsersLimit, -1)).toThrow(refused);
    expect(() => read(ActiveUsersLimit, 1.5)).toThrow(refused);
    expect(() => read(UserId, null)).toThrow(refused);
    expect(() => read(DateTime, null)).toThrow(refused);
    expect(() => read(DateTime, 1)).toThrow(refused);
  });
});

describe("TrustedPasswordAlgorithm", () => {
  const parameters = { type: "ARGON2ID", memlimit_kb: 8, opslimit: 1, parallelism: 1 };

  it("needs a salt of 16 bytes", () => {
    expect(read(TrustedPasswordAlgorithm, { ...parameters, salt: new Uint8Array(16) })).toMatchObject({
      memlimitKb: 8,
    });
    expect(() => read(TrustedPasswordAlgorithm, { ...parameters, salt: new Uint8Array(15) })).toThrow(refused);
    expect(() => read(TrustedPasswordAlgorithm, parameters)).toThrow(refused);
  });

  it("is of the one kind that exists", () => {
    expect(() => read(TrustedPasswordAlgorithm, { ...parameters, type: "SCRYPT" })).toThrow(refused);
  });
});

describe("ParsecAddr", () => {
  it("is the HTTP form", () => {
    expect(peerDecode(encode(ParsecAddr, serverAddress("a.test", { port: 1, useSsl: false })))).toBe(
      "http://a.test:1/",
    );
    expect(read(ParsecAddr, "https://a.test")).toEqual(serverAddress("a.test"));
    expect(() => read(ParsecAddr, "parsec3://a.test")).toThrow(refused);
  });
});
