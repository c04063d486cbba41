import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CertificateChain, verifyCertificateChain, x509CertificateDetails } from "../../src/index.ts";
import { makeLeaf, makePki, openssl, type TestPki } from "../support/test-pki.ts";
import { base64Bytes, vectors } from "../support/vectors.ts";

const folder = mkdtempSync(join(tmpdir(), "parsec-chain-"));
const otherFolder = join(folder, "other");
let pki: TestPki;
let otherRoot: Uint8Array;

beforeAll(() => {
  pki = makePki(folder);
  mkdirSync(otherFolder);
  otherRoot = makePki(otherFolder).root;
  makeIntermediate();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

const clientAuth = ["keyUsage=critical,digitalSignature", "extendedKeyUsage=clientAuth"];
const der = (name: string) => new Uint8Array(readFileSync(join(folder, `${name}.der`)));

/** An authority between the root and Carol. */
function makeIntermediate(): void {
  makeLeaf(folder, {
    name: "middle",
    subject: "/CN=Middle",
    extensions: ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"],
  });
  writeFileSync(join(folder, "carol.ext"), clientAuth.join("\n"));
  openssl(
    folder,
    "req",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "carol.key",
    "-out",
    "carol.csr",
    "-subj",
    "/CN=Carol",
  );
  const issuer = ["-CA", "middle.pem", "-CAkey", "middle.key", "-CAcreateserial"];
  openssl(
    folder,
    "x509",
    "-req",
    "-in",
    "carol.csr",
    ...issuer,
    "-days",
    "5",
    "-extfile",
    "carol.ext",
    "-outform",
    "DER",
    "-out",
    "carol.der",
  );
}

/** A list of the root that revokes these certificates. */
function revocationList(...revoked: readonly string[]): Uint8Array {
  writeFileSync(join(folder, "index.txt"), "");
  writeFileSync(join(folder, "crlnumber"), "01");
  const section = [
    "[ca]",
    "default_ca=d",
    "[d]",
    "database=index.txt",
    "crlnumber=crlnumber",
    "default_md=sha256",
    "default_crl_days=30",
  ];
  writeFileSync(join(folder, "ca.conf"), section.join("\n"));
  const ca = ["ca", "-config", "ca.conf", "-cert", "root.pem", "-keyfile", "root.key"];
  for (const name of revoked) openssl(folder, ...ca, "-revoke", `${name}.pem`);
  openssl(folder, ...ca, "-gencrl", "-out", "crl.pem");
  openssl(folder, "crl", "-in", "crl.pem", "-outform", "DER", "-out", "crl.der");
  return der("crl");
}

const accepts = (chain: Partial<CertificateChain>) =>
  verifyCertificateChain({ certificate: pki.certificate, roots: [pki.root], ...chain });
const refuses = (chain: Partial<CertificateChain>) =>
  expect(accepts(chain)).rejects.toMatchObject({ code: "UNTRUSTED_CERTIFICATE" });

test("a certificate of the root, and one through an intermediate", async () => {
  await accepts({});
  await accepts({ certificate: der("carol"), intermediates: [der("middle")] });
  await accepts({ roots: [otherRoot, pki.root] });
});

test("another root, none, or a missing intermediate", async () => {
  await refuses({ roots: [otherRoot] });
  await refuses({ roots: [] });
  await refuses({ certificate: der("carol") });
});

test("too early, too late", async () => {
  const day = 24 * 3600 * 1e6;
  const now = Date.now() * 1000;
  await accepts({ at: now + 9 * day });
  await refuses({ at: now + 11 * day });
  await refuses({ at: now - 2 * day });
});

test("a certificate for servers, and one for nothing in particular", async () => {
  const server = makeLeaf(folder, { name: "server", extensions: ["extendedKeyUsage=serverAuth"] });
  await refuses({ certificate: server.certificate });
  const plain = makeLeaf(folder, { name: "plain", extensions: ["keyUsage=digitalSignature"] });
  await accepts({ certificate: plain.certificate });
});

test("an altered certificate", async () => {
  const altered = Uint8Array.from(pki.certificate, (byte, index) =>
    index === pki.certificate.length - 5 ? byte ^ 1 : byte,
  );
  await refuses({ certificate: altered });
});

test("revocation lists: revoked, not revoked, status unknown", async () => {
  await accepts({ revocationLists: [revocationList()] });
  await refuses({ revocationLists: [revocationList("alice")] });
  await refuses({ certificate: der("carol"), intermediates: [der("middle")], revocationLists: [revocationList()] });
  await refuses({ revocationLists: [new Uint8Array(10)] });
});

test("the chain of the vectors, when it is valid and before", async () => {
  const { der_base64, issuer_root: root } = vectors.pki.test_certificate;
  const certificate = base64Bytes(der_base64);
  const { notBefore } = await x509CertificateDetails(certificate);
  const chain = { certificate, roots: [base64Bytes(root.der_base64)] };
  await accepts({ ...chain, at: notBefore + 3600e6 });
  await refuses({ ...chain, at: notBefore - 3600e6 });
});
