import { breathe, Mutex } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import { type AnyCertificate, DateTime, VlobId } from "@parsec/types";
import type { CertificateListOptions, CertificateRow, CertificatesDatabase, CertificateWrite } from "../driver/port.ts";
import { corruptedValue } from "../errors.ts";
import { type CertificateQuery, filtersOf, resolveQuery } from "./certificate-query.ts";
import { openStored } from "./sealed.ts";

/** A validated certificate on its way in: `signed` is the bytes exactly as received. */
export interface IncomingCertificate {
  readonly certificate: AnyCertificate;
  readonly signed: Uint8Array;
}

export interface StoredCertificate {
  readonly type: string;
  readonly timestamp: DateTime;
  readonly signed: Uint8Array;
}

/** The result of {@link CertificatesStore.get}. */
export type CertificateLookup =
  | ({ readonly status: "found" } & StoredCertificate)
  | { readonly status: "non_existing" }
  /** Some match, all of them later than `upTo`; `timestamp` is that of the first. */
  | { readonly status: "exists_but_too_recent"; readonly timestamp: DateTime };

/** The last timestamp of each topic that has a certificate. */
export interface LastTimestamps {
  readonly common: DateTime | undefined;
  readonly sequester: DateTime | undefined;
  readonly shamirRecovery: DateTime | undefined;
  readonly realm: ReadonlyMap<VlobId, DateTime>;
}

const realmTypes: readonly string[] = [
  "realm_role_certificate",
  "realm_name_certificate",
  "realm_key_rotation_certificate",
  "realm_archiving_certificate",
];

/**
 * The certificates of a device (spec 12 §5). It inserts blindly: what comes in was validated by the caller, in a valid
 * order. Every method rejects with a `StorageError`.
 */
export class CertificatesStore {
  readonly #database: CertificatesDatabase;
  readonly #key: SecretKey;
  /** All of them are read in several steps: none comes or goes meanwhile. */
  readonly #changing = new Mutex();

  constructor(database: CertificatesDatabase, localSymkey: SecretKey) {
    this.#database = database;
    this.#key = localSymkey;
  }

  /** Adds all of them, in this order, or none. */
  async add(certificates: readonly IncomingCertificate[]): Promise<void> {
    await this.#apply([], certificates);
  }

  /** Forgets everything and adds these instead, in one transaction. */
  async replaceAll(certificates: readonly IncomingCertificate[]): Promise<void> {
    await this.#apply([{ kind: "forget_all_certificates" }], certificates);
  }

  async forgetAll(): Promise<void> {
    await this.#apply([{ kind: "forget_all_certificates" }], []);
  }

  /** Every certificate, in the order in which they came in. */
  async all(): Promise<readonly StoredCertificate[]> {
    const rows = await this.#changing.run(() => this.#database.all());
    return this.#openAll(rows);
  }

  /** The most recent match, not later than `upTo` when given. */
  async get(query: CertificateQuery, options: { readonly upTo?: DateTime } = {}): Promise<CertificateLookup> {
    const filter = await resolveQuery(this.#database, query);
    if (filter === undefined) return { status: "non_existing" };
    const row = await this.#database.last(filter, options.upTo);
    if (row !== undefined) return { status: "found", ...this.#open(row) };
    const [first] = await this.#database.list(filter, { limit: 1 });
    if (first === undefined) return { status: "non_existing" };
    return { status: "exists_but_too_recent", timestamp: timestampOf(first.timestamp) };
  }

  /** All matches, by ascending timestamp; equal ones in the order in which they came in. */
  async list(query: CertificateQuery, options: CertificateListOptions = {}): Promise<readonly StoredCertificate[]> {
    const filter = await resolveQuery(this.#database, query);
    if (filter === undefined) return [];
    return this.#openAll(await this.#database.list(filter, options));
  }

  async lastTimestamps(): Promise<LastTimestamps> {
    const latest = new Map<string, DateTime>();
    const realm = new Map<VlobId, DateTime>();
    for (const { type, filter1, timestamp } of await this.#database.lastTimestamps(realmTypes)) {
      const time = timestampOf(timestamp);
      if (realmTypes.includes(type)) keepLater(realm, realmIdOf(filter1), time);
      else keepLater(latest, topicOf(type), time);
    }
    return {
      common: latest.get("common"),
      sequester: latest.get("sequester"),
      shamirRecovery: latest.get("shamir"),
      realm,
    };
  }

  async #apply(first: readonly CertificateWrite[], certificates: readonly IncomingCertificate[]): Promise<void> {
    const writes = [...first];
    for (const certificate of certificates) {
      writes.push(this.#insertion(certificate));
      await breathe();
    }
    await this.#changing.run(() => this.#database.apply(writes));
  }

  async #openAll(rows: readonly CertificateRow[]): Promise<readonly StoredCertificate[]> {
    const certificates: StoredCertificate[] = [];
    for (const row of rows) {
      certificates.push(this.#open(row));
      await breathe();
    }
    return certificates;
  }

  #insertion({ certificate, signed }: IncomingCertificate): CertificateWrite {
    const { type, timestamp } = certificate;
    const row = { type, timestamp, ...filtersOf(certificate), blob: this.#key.encrypt(signed) };
    return { kind: "insert_certificate", row };
  }

  #open({ type, timestamp, blob }: CertificateRow): StoredCertificate {
    const signed = openStored("a certificate", () => this.#key.decrypt(blob));
    return { type, timestamp: timestampOf(timestamp), signed };
  }
}

function topicOf(type: string): "common" | "sequester" | "shamir" {
  if (type.startsWith("sequester_")) return "sequester";
  return type.startsWith("shamir_") ? "shamir" : "common";
}

function keepLater<K>(times: Map<K, DateTime>, key: K, time: DateTime): void {
  const known = times.get(key);
  if (known === undefined || known < time) times.set(key, time);
}

function timestampOf(microseconds: number): DateTime {
  return openStored("a certificate's timestamp", () => DateTime.fromMicros(microseconds));
}

function realmIdOf(filter: Uint8Array | null): VlobId {
  const id = filter === null ? undefined : VlobId.fromBytes(filter);
  if (id === undefined) throw corruptedValue("a realm certificate's realm", undefined);
  return id;
}
