import { Mutex, orAbort } from "@parsec/base";
import type { AuthenticatedConnection, ConnectionError } from "@parsec/connection";
import { certificateGet } from "@parsec/protocol";
import type { CertificatesStore, StorageError } from "@parsec/storage";
import type { LocalDevice, UserProfile } from "@parsec/types";
import { MissingCertificatesError, UnexpectedReplyError } from "../errors.ts";
import { throwIfClosed } from "../session/closed.ts";
import type { EventHub } from "../session/events.ts";
import { CertificateIndex } from "./certificate-index.ts";
import { countCertificates } from "./count.ts";
import { type CertificateBatch, ingest } from "./ingest.ts";
import { loadStoredCertificates } from "./load-stored.ts";
import { isUpToDate, type TopicTimestamps } from "./topic.ts";
import type { CertificateView } from "./view.ts";
import { InvalidCertificateError } from "./violation.ts";

/** What learning new certificates may throw. */
export type PollError =
  | ConnectionError
  | StorageError
  | InvalidCertificateError
  | MissingCertificatesError
  | UnexpectedReplyError;

export interface PollOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface CertificatesContext {
  readonly device: LocalDevice;
  readonly connection: AuthenticatedConnection;
  readonly store: CertificatesStore;
  readonly events: EventHub;
  /** Aborts when the session closes. */
  readonly signal: AbortSignal;
}

/** The certificates of one session: what is known, and how to know more (spec 09a §2–§4). */
export class Certificates {
  readonly #context: CertificatesContext;
  /** Held from the reading of the last timestamps to the storing of what came after them (spec 09a §1). */
  readonly #updating = new Mutex();
  #index: CertificateIndex;

  private constructor(context: CertificatesContext, index: CertificateIndex) {
    this.#context = context;
    this.#index = index;
  }

  /**
   * Reads what this device has stored; no network.
   * @throws StorageError
   */
  static async open(context: CertificatesContext): Promise<Certificates> {
    return new Certificates(context, loadStoredCertificates(await context.store.all()));
  }

  /**
   * What is known now: a snapshot that does not change. Take it again after a wait.
   * @throws ClientError SESSION_CLOSED
   */
  get view(): CertificateView {
    throwIfClosed(this.#context);
    return this.#index;
  }

  /** The own profile as far as is known; the certificates may not have been fetched yet (spec 09a §2.2). */
  get selfProfile(): UserProfile {
    return selfProfile(this.#index, this.#context.device);
  }

  /**
   * Fetches, validates and stores what is new. With `needed`, does nothing when that is already known.
   * Gives the number of new certificates.
   * @throws PollError
   */
  poll(options: PollOptions & { readonly needed?: TopicTimestamps } = {}): Promise<number> {
    return this.#update(async () => {
      for (;;) {
        const { needed } = options;
        if (needed !== undefined && isUpToDate(this.#index.lastTimestamps, needed)) return 0;
        const outcome = await this.#add(await this.#fetch(options));
        if (outcome !== "switched") return outcome;
      }
    }, options);
  }

  /**
   * The view, once it is as recent as the server says that its reply needs (spec 09a §3.4).
   * @throws PollError
   */
  async require(needed: TopicTimestamps, options: PollOptions = {}): Promise<CertificateView> {
    if (isUpToDate(this.#index.lastTimestamps, needed)) return this.#index;
    await this.poll({ ...options, needed });
    if (!isUpToDate(this.#index.lastTimestamps, needed)) throw new MissingCertificatesError();
    return this.#index;
  }

  /**
   * Fetches all certificates once more and validates them from the beginning; changes nothing. `behind`: the server has
   * fewer than this device has seen.
   * @throws PollError
   */
  async recheck(options: PollOptions = {}): Promise<"same" | "behind"> {
    const known = this.#index.lastTimestamps;
    const before = countCertificates(this.#index);
    const fresh = new CertificateIndex();
    await ingest(fresh, await this.#fetch(options, fresh), this.#context.device);
    const isWhole = countCertificates(fresh) >= before;
    return isWhole && isUpToDate(fresh.lastTimestamps, known) ? "same" : "behind";
  }

  /**
   * Forgets every certificate; the next poll starts from nothing.
   * @throws StorageError
   */
  forgetAll(): Promise<void> {
    return this.#update(async () => {
      await this.#context.store.forgetAll();
      this.#index = new CertificateIndex();
    });
  }

  /** One at a time; all end with the session, whatever they wait for. */
  #update<T>(task: () => Promise<T>, options: PollOptions = {}): Promise<T> {
    return orAbort(this.#updating.run(task, options), this.#context.signal);
  }

  async #fetch(options: PollOptions, index: CertificateIndex = this.#index): Promise<CertificateBatch> {
    const { common = null, sequester = null, shamirRecovery = null, realm = new Map() } = index.lastTimestamps;
    const reply = await this.#context.connection.send(
      certificateGet,
      { commonAfter: common, sequesterAfter: sequester, shamirRecoveryAfter: shamirRecovery, realmAfter: realm },
      { signal: options.signal },
    );
    if (reply.status !== "ok") throw new UnexpectedReplyError("certificate_get", reply.status);
    return reply;
  }

  /** The number of certificates added, or `switched`: everything was forgotten, to be fetched again. */
  async #add(batch: CertificateBatch): Promise<number | "switched"> {
    const { device, store } = this.#context;
    const overlay = this.#index.fork();
    const accepted = await this.#ingest(overlay, batch);
    if (accepted.length === 0) return 0;
    if (!this.#index.isEmpty && isRedactionSwitch(selfProfile(this.#index, device), selfProfile(overlay, device))) {
      await store.forgetAll();
      this.#index = new CertificateIndex();
      return "switched";
    }
    await store.add(accepted);
    this.#index = overlay;
    this.#context.events.send({ type: "new_certificates", count: accepted.length });
    return accepted.length;
  }

  async #ingest(overlay: CertificateIndex, batch: CertificateBatch) {
    try {
      return await ingest(overlay, batch, this.#context.device);
    } catch (error) {
      if (error instanceof InvalidCertificateError) {
        this.#context.events.send({ type: "invalid_certificate", error });
      }
      throw error;
    }
  }
}

/**
 * An OUTSIDER gets redacted certificates, the others full ones. The store is of one flavour: when one becomes the
 * other, everything is fetched again (spec 09a §3.3).
 */
function isRedactionSwitch(before: UserProfile, after: UserProfile): boolean {
  return (before === "OUTSIDER") !== (after === "OUTSIDER");
}

function selfProfile(view: CertificateView, device: LocalDevice): UserProfile {
  return view.updatesOf(device.userId).at(-1)?.newProfile ?? device.initialProfile;
}
