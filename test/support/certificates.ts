import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";

/** A certificate authority of one test run, that nobody else trusts. */
export interface Authority {
  /** Its own certificate. */
  readonly pem: string;
  /** A key and a certificate for a server of that name or IP address. */
  issue(host: string): { readonly key: string; readonly cert: string };
}

export function createAuthority(name = "Authority of the tests"): Authority {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const own = { subject: name, publicKey: keys.publicKey, issuer: name, issuerKey: keys.privateKey };
  return {
    pem: certificate({ ...own, extensions: [extension(oid.basicConstraints, seq(bool(true)), true)] }),
    issue: (host) => {
      const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const extensions = [extension(oid.subjectAltName, seq(generalName(host)))];
      return {
        key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
        cert: certificate({ ...own, subject: host, publicKey, extensions }),
      };
    },
  };
}

interface Content {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: string;
  readonly issuerKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

/** An X.509 certificate of version 3, valid from yesterday to tomorrow, signed with ECDSA and SHA-256. */
function certificate({ subject, publicKey, issuer, issuerKey, extensions }: Content): string {
  const day = 24 * 3600 * 1000;
  const algorithm = seq(oid.ecdsaWithSha256);
  const body = seq(
    tlv(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    distinguishedName(issuer),
    seq(time(Date.now() - day), time(Date.now() + day)),
    distinguishedName(subject),
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, seq(...extensions)),
  );
  const signature = sign("sha256", body, issuerKey);
  const der = seq(body, algorithm, tlv(0x03, Buffer.of(0), signature));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

// DER, as much of it as a certificate needs.

const oid = {
  commonName: Buffer.from("0603550403", "hex"),
  basicConstraints: Buffer.from("0603551d13", "hex"),
  subjectAltName: Buffer.from("0603551d11", "hex"),
  ecdsaWithSha256: Buffer.from("06082a8648ce3d040302", "hex"),
};

function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), content]);
}

const seq = (...parts: readonly Uint8Array[]) => tlv(0x30, ...parts);
const integer = (bytes: Buffer) => tlv(0x02, bytes);
const bool = (value: boolean) => tlv(0x01, Buffer.of(value ? 0xff : 0));
const distinguishedName = (name: string) => seq(tlv(0x31, seq(oid.commonName, tlv(0x0c, Buffer.from(name)))));

function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, "");
  return tlv(0x18, Buffer.from(text));
}

function extension(id: Buffer, value: Buffer, critical = false): Buffer {
  return seq(id, ...(critical ? [bool(true)] : []), tlv(0x04, value));
}

function generalName(host: string): Buffer {
  return isIP(host) === 4 ? tlv(0x87, Buffer.from(host.split(".").map(Number))) : tlv(0x82, Buffer.from(host));
}
