import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A small PKI made with `openssl` in a folder: a root, and a person's certificate with its key. */
export interface TestPki {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly certificate: Uint8Array;
  /** PKCS#8 DER. */
  readonly privateKey: Uint8Array;
  readonly root: Uint8Array;
  readonly folder: string;
}

export function openssl(folder: string, ...args: readonly string[]): void {
  execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
}

export interface LeafOptions {
  readonly name?: string;
  readonly extensions?: readonly string[];
  readonly days?: number;
  readonly subject?: string;
}

const usual = [
  "keyUsage=critical,digitalSignature,keyEncipherment",
  "extendedKeyUsage=clientAuth",
  "subjectAltName=email:alice@example.com,email:alice@work.example.com",
];

export function makePki(folder: string): TestPki {
  openssl(
    folder,
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    "root.key",
    "-out",
    "root.pem",
    "-days",
    "30",
    "-subj",
    "/CN=Test Root",
    "-addext",
    "basicConstraints=critical,CA:TRUE",
    "-addext",
    "keyUsage=critical,keyCertSign,cRLSign",
  );
  openssl(folder, "x509", "-in", "root.pem", "-outform", "DER", "-out", "root.der");
  return { ...makeLeaf(folder, {}), root: readFileSync(join(folder, "root.der")), folder };
}

/** A certificate that the root of the folder issues. */
export function makeLeaf(folder: string, options: LeafOptions): Omit<TestPki, "root" | "folder"> {
  const { name = "alice", extensions = usual, days = 10, subject = "/CN=Alice McAlice" } = options;
  writeFileSync(join(folder, `${name}.ext`), extensions.join("\n"));
  openssl(
    folder,
    "req",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.csr`,
    "-subj",
    subject,
  );
  openssl(
    folder,
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    "-CA",
    "root.pem",
    "-CAkey",
    "root.key",
    "-CAcreateserial",
    "-days",
    String(days),
    "-extfile",
    `${name}.ext`,
    "-out",
    `${name}.pem`,
  );
  openssl(folder, "x509", "-in", `${name}.pem`, "-outform", "DER", "-out", `${name}.der`);
  openssl(folder, "pkcs8", "-topk8", "-nocrypt", "-in", `${name}.key`, "-outform", "DER", "-out", `${name}.pkcs8`);
  const read = (extension: string) => readFileSync(join(folder, `${name}.${extension}`));
  return {
    certificatePem: read("pem").toString(),
    privateKeyPem: read("key").toString(),
    certificate: new Uint8Array(read("der")),
    privateKey: new Uint8Array(read("pkcs8")),
  };
}
