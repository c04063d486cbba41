import { toHex } from "@parsec/base";
import { ready, ShamirShare } from "@parsec/crypto";
import { beforeAll, describe, expect, it } from "vitest";
import * as t from "../src/index.ts";
import { allVectors, type DataVector, dataVectors, hex, loadVector, verifyKey } from "./support/data-vectors.ts";
import { documentCodec } from "./support/documents.ts";
import { errorInVectorWords } from "./support/errors.ts";
import { plain } from "./support/plain.ts";

beforeAll(() => ready());

describe("vectors/data.json", () => {
  it("holds 88 vectors and 3 derived ones", () => {
    console.log(`data.json: ${dataVectors.vectors.length} vectors, ${dataVectors.derived_vectors.length} derived`);
    expect([dataVectors.vectors.length, dataVectors.derived_vectors.length]).toEqual([88, 3]);
  });

  describe.each(allVectors.filter(({ expected }) => expected !== undefined))("$name", (vector) => {
    it("decodes to what the reference read", () => {
      const codec = documentCodec(vector.type);
      const value = loadVector(vector);
      expect(plain(t.encode(codec, value))).toEqual(writtenForm(vector));
      expect(shown(value)).toMatchObject(defaultsOf(vector));
    });

    it("encodes to the same bytes, unless an older writer made them", () => {
      if (vector.msgpack === undefined) throw new Error("no msgpack");
      const again = t.encode(documentCodec(vector.type), loadVector(vector));
      if (vector.wire === undefined || isRedaction(vector)) expect(again).toEqual(hex(vector.msgpack));
      else expect(loadVector({ ...vector, operation: "load_plain", raw: toHex(again) })).toEqual(loadVector(vector));
    });

    it.each(vector.negatives ?? [])("refuses: $change", ({ error, change: _change, ...changed }) => {
      const keys = { ...vector.keys, ...changed.keys };
      const params = { ...vector.params, ...changed.params };
      expect(errorOf({ ...vector, ...changed, keys, params })).toEqual(error);
    });
  });

  it.each(allVectors.filter((vector) => vector.expected_error !== undefined))("refuses $name", (vector) => {
    expect(errorOf(vector)).toEqual(vector.expected_error);
  });

  it.each(dataVectors.container_errors)("refuses $name", (vector) => {
    const raw = hex(vector.raw ?? "");
    if (vector.operation === "load_share") {
      expect(() => ShamirShare.fromBytes(raw)).toThrow(expect.objectContaining({ code: "KEY_SIZE", expected: 2 }));
      return;
    }
    for (const codec of [t.UserManifest, t.ChildManifest]) {
      expect(errorFrom(() => t.load<object>(codec, raw))).toEqual(vector.expected_error);
    }
  });

  const signed = dataVectors.vectors.filter(
    ({ operation, expected }) => operation === "verify_and_load" && expected !== undefined,
  );

  it.each(signed)("loads $name unverified, then verifies it", (vector) => {
    const bytes = hex(vector.raw ?? "");
    const codec: t.Codec<t.SignedCertificate | t.RealmKeysBundle> =
      vector.type === "realm_keys_bundle" ? t.RealmKeysBundle : t.SignedCertificate;
    const unverified = t.Unverified.load(codec, bytes);
    expect(unverified.author).toBe(vector.expected?.["author"] ?? null);
    expect(JSON.stringify(unverified)).not.toContain("user_id");
    const verified = unverified.verify(verifyKey(vector));
    expect(verified.value).toEqual(loadVector(vector));
    expect(verified.signed).toBe(bytes);
    const flipped = Uint8Array.from(bytes);
    flipped[5] = (flipped[5] ?? 0) ^ 1;
    expect(errorFrom(() => t.Unverified.load(codec, flipped).verify(verifyKey(vector)))).toEqual({ code: "Signature" });
  });
});

/** What we write for a value: the expected content, without what the format leaves out or holds as nil. */
function writtenForm(vector: DataVector): unknown {
  const written: Record<string, unknown> = { ...vector.expected };
  if (isDefault(written["origin"])) delete written["origin"];
  const base = written["base"];
  if (typeof base === "object" && base !== null && "origin" in base && isDefault(base.origin)) {
    const { origin: _default, ...rest } = base;
    written["base"] = rest;
  }
  for (const name of ["human_handle", "device_label"]) if (wireOf(vector)[name] === null) written[name] = null;
  // The legacy files may lack the final slash, that we write.
  if (typeof written["server_url"] === "string") written["server_url"] = written["server_url"].replace(/\/?$/, "/");
  return written;
}

/** The properties that stand in for what was missing or nil. */
function defaultsOf({ expected = {}, type }: DataVector): object {
  if (type === "user_certificate") return { shownHandle: expected["human_handle"] };
  if (type === "device_certificate") return { shownLabel: expected["device_label"], purpose: expected["purpose"] };
  if (type.endsWith("file_manifest")) return { origin: { type: expectedOrigin(expected["origin"]) } };
  return {};
}

function expectedOrigin(origin: unknown): unknown {
  return typeof origin === "object" && origin !== null && "type" in origin ? origin.type : undefined;
}

function shown(value: object): object {
  const certificate = value as t.SignedCertificate;
  if (certificate.type === "user_certificate") {
    const { email, label } = t.shownHumanHandle(certificate);
    return { ...certificate, shownHandle: [email, label] };
  }
  if (certificate.type === "device_certificate") {
    return { ...certificate, shownLabel: t.shownDeviceLabel(certificate) };
  }
  return value;
}

function isDefault(origin: unknown): boolean {
  return expectedOrigin(origin) === "DEFAULT";
}

function wireOf({ wire }: DataVector): Readonly<Record<string, unknown>> {
  return typeof wire === "object" && wire !== null ? { ...wire } : {};
}

/** Vectors that differ from `expected` only by what redaction shows. */
function isRedaction(vector: DataVector): boolean {
  return vector.name.endsWith("_redacted") && !vector.name.includes("pre_purpose");
}

function errorOf(vector: DataVector): unknown {
  return errorFrom(() => loadVector(vector));
}

function errorFrom(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return errorInVectorWords(error);
  }
  return undefined;
}
