import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Codec,
  compareActiveUsersLimits,
  DeviceId,
  DeviceLabel,
  decode,
  EntryName,
  EnumerationError,
  encode,
  FsPath,
  generateValidationCode,
  HumanHandle,
  HumanLabel,
  InvitationType,
  isProfileAtLeast,
  isRoleAtLeast,
  isValidHumanLabel,
  OrganizationId,
  prefixAndSuffix,
  RealmRole,
  redactedDeviceLabel,
  Str,
  UserId,
  UserProfile,
  ValidationCode,
  X509CertificateHash,
} from "../src/index.ts";
import { entryName, fsPath, uuid } from "./support/arbitraries.ts";

const cafe = { composed: "Caf\u00e9", decomposed: "Cafe\u0301" };
/** Each with its largest size in bytes. */
const kinds: readonly [string, Codec<string> & { parse(text: string): string }, number][] = [
  ["OrganizationId", OrganizationId, 32],
  ["DeviceLabel", DeviceLabel, 255],
  ["EntryName", EntryName, 255],
  ["HumanLabel", HumanLabel, 254],
];
const withCode = (code: RegExp) => expect.objectContaining({ code: expect.stringMatching(code) });
const decodeFailed = withCode(/^DECODE_FAILED$/);

describe.each(kinds)("%s", (_, kind, size) => {
  it("is normalized when it is parsed and when it is decoded", () => {
    expect(kind.parse(cafe.decomposed)).toBe(cafe.composed);
    expect(decode(kind, encode(Str, cafe.decomposed))).toBe(cafe.composed);
  });

  it("is measured after normalization", () => {
    const composed = `${"a".repeat(size % 2)}${"\u00e9".repeat(Math.floor(size / 2))}`;
    expect(kind.parse(composed.normalize("NFD"))).toBe(composed);
    expect(() => kind.parse(`${composed}a`)).toThrow(withCode(/^(INVALID|NAME_TOO)_/));
  });

  it("refuses half of a surrogate pair", () => {
    expect(() => kind.parse("a\ud800b")).toThrow(withCode(/^INVALID_/));
  });

  it("is refused by the codec when the parser refuses it", () => {
    expect(() => decode(kind, encode(Str, ""))).toThrow(decodeFailed);
  });
});

describe("HumanHandle", () => {
  const alice = HumanHandle.parse("alice@example.com", "Alice");

  it("is the same human under another label", () => {
    expect(HumanHandle.equals(alice, HumanHandle.parse("alice@example.com", "Alice in Wonderland"))).toBe(true);
    expect(HumanHandle.equals(alice, HumanHandle.parse("Alice@example.com", "Alice"))).toBe(false);
  });

  it("of a redacted user holds its id", () => {
    fc.assert(
      fc.property(uuid(UserId), (id) => {
        const redacted = HumanHandle.redacted(id);
        expect(HumanHandle.display(redacted)).toBe(`${id} <${id}@redacted.invalid>`);
        expect(HumanHandle.isRedacted(redacted)).toBe(true);
        expect(() => decode(HumanHandle, encode(HumanHandle, redacted))).toThrow(decodeFailed);
      }),
    );
    expect(HumanHandle.isRedacted(alice)).toBe(false);
  });

  it("checks a label that is being typed", () => {
    expect(["", "a@b", "a".repeat(255)].map(isValidHumanLabel)).toEqual([false, false, false]);
    expect(["Alice (work).", "a".repeat(254)].map(isValidHumanLabel)).toEqual([true, true]);
  });
});

describe("DeviceLabel", () => {
  it("of a redacted device is its id", () => {
    const id = DeviceId.generate();
    expect(redactedDeviceLabel(id)).toBe(id);
  });
});

describe("EntryName", () => {
  it("is its prefix and its suffix", () => {
    fc.assert(
      fc.property(entryName, (name) => {
        const { prefix, suffix } = prefixAndSuffix(name);
        expect(suffix === undefined ? prefix : `${prefix}.${suffix}`).toBe(name);
        expect(prefix.slice(1)).not.toContain(".");
      }),
    );
  });
});

describe("FsPath", () => {
  it("is read back from its text", () => {
    fc.assert(
      fc.property(fsPath, (path) => {
        expect(FsPath.parse(path)).toBe(path);
        expect(FsPath.of(FsPath.names(path))).toBe(path);
      }),
    );
  });

  it("is the child of its parent", () => {
    fc.assert(
      fc.property(fsPath, entryName, (parent, name) => {
        const path = FsPath.join(parent, name);
        expect(FsPath.parent(path)).toBe(parent);
        expect(FsPath.name(path)).toBe(name);
        expect(FsPath.isRoot(path)).toBe(false);
      }),
    );
    expect(FsPath.parent(FsPath.root)).toBe(FsPath.root);
    expect(FsPath.name(FsPath.root)).toBeUndefined();
  });
});

describe("ValidationCode", () => {
  it("is made of six of the 32 symbols, each as likely", () => {
    const codes = Array.from({ length: 500 }, generateValidationCode);
    expect(codes.map((code) => ValidationCode.parse(code))).toEqual(codes);
    expect(new Set(codes.join("")).size).toBe(32);
  });
});

describe("enumerations", () => {
  it("are parsed in any case", () => {
    expect(UserProfile.parse("Admin")).toBe("ADMIN");
    expect(RealmRole.parse("owner")).toBe("OWNER");
    expect(InvitationType.parse("device")).toBe("DEVICE");
    expect(() => InvitationType.parse("SHAMIR_RECOVERY")).toThrow(EnumerationError);
    expect(() => UserProfile.parse("ADMIN ")).toThrow(EnumerationError);
  });

  it("are decoded from their exact value", () => {
    expect(decode(RealmRole, encode(Str, "OWNER"))).toBe("OWNER");
    expect(() => decode(RealmRole, encode(Str, "owner"))).toThrow(decodeFailed);
  });

  it("of roles and profiles have an order", () => {
    expect(RealmRole.values.map((role) => isRoleAtLeast(role, "CONTRIBUTOR"))).toEqual([true, true, true, false]);
    expect([isRoleAtLeast(null, "READER"), isRoleAtLeast(undefined, "READER")]).toEqual([false, false]);
    expect(UserProfile.values.map((profile) => isProfileAtLeast(profile, "STANDARD"))).toEqual([true, true, false]);
  });
});

describe("ActiveUsersLimit", () => {
  it("is greatest when there is none", () => {
    expect([null, 3, null, 0, 3].sort(compareActiveUsersLimits)).toEqual([0, 3, 3, null, null]);
    expect(compareActiveUsersLimits(null, null)).toBe(0);
  });
});

describe("X509CertificateHash", () => {
  const digest = "qNfTEzy56Dy76VIZhGzLeb6QiW40lDu1PS0HqoKBBOk=";

  it("has a prefix in any case", () => {
    expect(X509CertificateHash.parse(`SHA256-${digest}`)).toBe(`sha256-${digest}`);
  });

  it.each(["", digest, `sha1-${digest}`, `sha256-${digest.slice(0, -1)}`, "sha256-AAAA", `sha256_${digest}`])(
    "refuses %j",
    (text) => {
      expect(() => X509CertificateHash.parse(text)).toThrow(
        expect.objectContaining({ code: "INVALID_X509_CERTIFICATE_HASH" }),
      );
    },
  );
});
