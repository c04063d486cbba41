import { readFileSync } from "node:fs";
import { fromBase64 } from "@parsec/base";
import { PrivateKey, SecretKey, SequesterPrivateKey, SequesterVerifyKey, VerifyKey } from "@parsec/crypto";
import * as t from "../../src/index.ts";

// The organization dumps of spec 13, and what their certificates say.

type Json = Readonly<Record<string, unknown>>;

/** One operation; bytes are in base64. */
export interface Operation extends Json {
  readonly op: string;
  readonly author?: string;
  readonly timestamp?: number;
  readonly realm_id?: string;
  readonly vlob_id?: string;
  readonly block_id?: string;
  readonly key_index?: number;
  readonly version?: number;
}

export interface Dump {
  readonly operations: readonly Operation[];
  readonly keys: {
    readonly root_verify_key: string;
    readonly sequester_authority_verify_key_der?: string;
    readonly users: readonly {
      readonly user_id: string;
      readonly private_key: string;
      readonly user_realm_id: string;
      readonly user_realm_key: string;
    }[];
    readonly realms: readonly { readonly realm_id: string; readonly keys: Readonly<Record<string, string>> }[];
    readonly sequester_services: readonly {
      readonly service_id: string;
      readonly encryption_private_key_der: string;
    }[];
  };
  readonly expected: Expected;
}

export interface Expected {
  readonly users: readonly Json[];
  readonly devices: readonly Json[];
  readonly realms: readonly ExpectedRealm[];
  readonly shamir_recoveries: readonly ExpectedRecovery[];
  readonly sequester_services: readonly Json[];
  readonly invalid_keys_bundle_accesses?: readonly Json[];
}

export interface ExpectedRealm {
  readonly realm_id: string;
  readonly kind: "user" | "workspace";
  readonly deleted_on: number | null;
  readonly role_updates: readonly Json[];
  readonly key_rotations: readonly Json[];
  readonly names: readonly Json[];
  readonly archiving_updates: readonly Json[];
  readonly user_manifests?: readonly Json[];
  readonly vlobs?: readonly { readonly vlob_id: string; readonly versions: readonly Json[] }[];
  readonly blocks?: readonly Json[];
}

export interface ExpectedRecovery extends Json {
  readonly user_id: string;
  readonly setup_timestamp: number;
  readonly sufficient_recipients: readonly (readonly string[])[];
  readonly data_key: string;
  readonly reveal_token: string;
  readonly recovered_device?: Json;
}

export const dumpNames = [
  "minimal",
  "minimal_client_ready",
  "coolorg",
  "coolorg_customized",
  "coolorg_promoted",
  "shamir",
  "sequestered",
  "workspace_history",
  "workspace_archived",
];

export function readDump(name: string): Dump {
  const path = new URL(`../../../../test/vectors/organizations/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as Dump;
}

export function bytes(base64: unknown): Uint8Array {
  const decoded = fromBase64(String(base64));
  if (decoded === undefined) throw new Error("not base64");
  return decoded;
}

/** A certificate of an operation, once verified, and the operation itself. */
export interface Found {
  readonly operation: Operation;
  readonly certificate: t.AnyCertificate;
  readonly isRedacted: boolean;
}

/** Everything that the certificates of a dump say, each verified with its author's key. */
export class Organization {
  readonly dump: Dump;
  readonly found: readonly Found[];
  readonly #rootKey: VerifyKey;
  readonly #deviceKeys = new Map<string, VerifyKey>();

  private constructor(dump: Dump, found: Found[]) {
    this.dump = dump;
    this.found = found;
    this.#rootKey = VerifyKey.fromBytes(bytes(dump.keys.root_verify_key));
  }

  /** Verifies in the order of the operations: every author's device comes before what it signs. */
  static async open(dump: Dump): Promise<Organization> {
    const found: Found[] = [];
    const organization = new Organization(dump, found);
    for (const operation of dump.operations) {
      for (const [name, signed] of certificatesOf(operation)) {
        const { value: certificate } = await organization.#verify(name, signed);
        if (certificate.type === "device_certificate") {
          organization.#deviceKeys.set(certificate.deviceId, certificate.verifyKey);
        }
        found.push({ operation, certificate, isRedacted: name.startsWith("redacted_") });
      }
    }
    return organization;
  }

  async #verify(name: string, signed: Uint8Array): Promise<t.Verified<t.AnyCertificate>> {
    if (name === "service_certificate" || name === "revoked_service_certificate") {
      const der = bytes(this.dump.keys.sequester_authority_verify_key_der);
      return t.verifySequesterCertificate(signed, SequesterVerifyKey.fromDer(der));
    }
    const unverified = t.unsecureLoadCertificate(signed);
    return t.verifyCertificate(unverified, this.authorKey(unverified.author));
  }

  authorKey(author: string | null): VerifyKey {
    const key = author === null ? this.#rootKey : this.#deviceKeys.get(author);
    if (key === undefined) throw new Error(`no device ${author}`);
    return key;
  }

  /** The certificates of one type, in order, without the redacted ones. */
  all<Type extends t.AnyCertificate["type"]>(type: Type): Extract<t.AnyCertificate, { readonly type: Type }>[] {
    const isOfType = (
      certificate: t.AnyCertificate,
    ): certificate is Extract<t.AnyCertificate, { readonly type: Type }> => certificate.type === type;
    return this.found
      .filter(({ isRedacted }) => !isRedacted)
      .flatMap(({ certificate }) => certificate)
      .filter(isOfType);
  }

  privateKey(userId: string): PrivateKey {
    const user = this.dump.keys.users.find(({ user_id }) => user_id === userId);
    return PrivateKey.fromBytes(bytes(user?.private_key));
  }

  userRealmKey(realmId: string): SecretKey {
    const user = this.dump.keys.users.find(({ user_realm_id }) => user_realm_id === realmId);
    return SecretKey.fromBytes(bytes(user?.user_realm_key));
  }

  serviceKey(serviceId: string): SequesterPrivateKey {
    const service = this.dump.keys.sequester_services.find(({ service_id }) => service_id === serviceId);
    return SequesterPrivateKey.fromDer(bytes(service?.encryption_private_key_der));
  }

  /** The encrypted keys bundle of a rotation. */
  bundle(realmId: string, keyIndex: number): Uint8Array {
    const rotation = this.found.find(
      ({ certificate }) =>
        certificate.type === "realm_key_rotation_certificate" &&
        certificate.realmId === realmId &&
        certificate.keyIndex === keyIndex,
    );
    return bytes(rotation?.operation["keys_bundle"]);
  }
}

/** The certificates that an operation carries, by the name of their field. */
function certificatesOf(operation: Operation): [string, Uint8Array][] {
  return Object.entries(operation).flatMap(([name, value]): [string, Uint8Array][] => {
    if (name === "shamir_recovery_share_certificates" && Array.isArray(value)) {
      return value.map((share) => [name, bytes(share)]);
    }
    return name.endsWith("certificate") && typeof value === "string" ? [[name, bytes(value)]] : [];
  });
}
