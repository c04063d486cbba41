import type { TopicTimestamps } from "./topic.ts";
import type { CertificateView } from "./view.ts";

export interface PollOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The certificates of one session: what is known, and how to know more (spec 09a §2–§4). */
export interface Certificates {
  /** What is known now: a snapshot that does not change. Take it again after a wait. */
  readonly view: CertificateView;

  /**
   * Fetches, validates and stores what is new. With `needed`, does nothing when that is already known.
   * Gives the number of new certificates.
   * @throws PollError
   */
  poll(options?: PollOptions & { readonly needed?: TopicTimestamps }): Promise<number>;

  /**
   * The view, once it is as recent as the server says that its reply needs (spec 09a §3.4).
   * @throws PollError, and MISSING_CERTIFICATES when the server announces certificates that it does not give
   */
  require(needed: TopicTimestamps, options?: PollOptions): Promise<CertificateView>;

  /** Forgets every certificate; the next poll starts from nothing. */
  forgetAll(): Promise<void>;
}
