import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { badX509Chain } from "../../src/rules/x509-chain.ts";

const folder = mkdtempSync(join(tmpdir(), "parsec-x509-"));
const invalid = { status: "invalid_x509_trustchain" };
let [root, upper, lower, leaf, other]: Uint8Array[] = [];

/** A certificate of that name, issued by another or by itself. */
function make(name: string, issuer?: string): Uint8Array {
  const at = (file: string) => join(folder, file);
  const ssl = (...args: readonly string[]) => execFileSync("openssl", args, { stdio: "ignore" });
  ssl(
    "req",
    "-new",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-subj",
    `/CN=${name}`,
    "-keyout",
    at(`${name}.key`),
    "-out",
    at(`${name}.csr`),
  );
  const signer =
    issuer === undefined
      ? ["-signkey", at(`${name}.key`)]
      : ["-CA", at(`${issuer}.pem`), "-CAkey", at(`${issuer}.key`)];
  ssl("x509", "-req", "-days", "2", "-in", at(`${name}.csr`), ...signer, "-out", at(`${name}.pem`));
  ssl("x509", "-in", at(`${name}.pem`), "-outform", "DER", "-out", at(`${name}.der`));
  return new Uint8Array(readFileSync(at(`${name}.der`)));
}

beforeAll(() => {
  root = make("root");
  upper = make("upper", "root");
  lower = make("lower", "upper");
  leaf = make("leaf", "lower");
  other = make("other", "root");
});
afterAll(() => rmSync(folder, { recursive: true }));

function known(certificate: Uint8Array | undefined): Uint8Array {
  if (certificate === undefined) throw new Error("it was made");
  return certificate;
}

test("intermediates are one chain from the leaf on, in any order, each used once", () => {
  const [l, i, u, r, o] = [known(leaf), known(lower), known(upper), known(root), known(other)];
  for (const good of [[], [i], [i, u], [u, i], [r, u, i]]) expect(badX509Chain(l, good)).toBeUndefined();
  for (const bad of [[u], [r], [o], [i, o], [i, r], [i, u, o], [i, i], [l]])
    expect(badX509Chain(l, bad)).toEqual(invalid);
  // A root is its own issuer: it is used once.
  expect(badX509Chain(r, [r])).toBeUndefined();
  expect(badX509Chain(r, [r, r])).toBeUndefined();
});

test("a hundred intermediates, not one more", () => {
  const r = known(root);
  expect(badX509Chain(r, Array<Uint8Array>(100).fill(r))).toBeUndefined();
  expect(badX509Chain(r, Array<Uint8Array>(101).fill(r))).toEqual(invalid);
});

test("certificates are in DER: neither PEM, nor with anything cut off, nor something else", () => {
  const l = known(leaf);
  const pem = new Uint8Array(readFileSync(join(folder, "leaf.pem")));
  for (const bad of [pem, new Uint8Array(), l.subarray(0, -1), l.subarray(1), new Uint8Array(100).fill(0x30)]) {
    expect(badX509Chain(bad, [])).toEqual({ status: "invalid_der_x509_certificate" });
    expect(badX509Chain(l, [known(lower), bad])).toEqual({ status: "invalid_der_x509_certificate" });
  }
});
