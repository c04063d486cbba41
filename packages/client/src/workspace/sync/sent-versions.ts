import type { VlobId } from "@parsec/types";
import type { LocalManifest } from "../manifests.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";

interface SentVersion {
  readonly remote: RemoteManifest;
  readonly local: LocalManifest;
}

/** Attempts at one version that are remembered: more answers than these do not get lost in a row. */
const maxAttempts = 16;

/**
 * The versions that this process has sent, until one of them is acknowledged. A version that the server says this
 * device wrote is known only when it is here: after a power cut, from a restored backup or of a cloned machine, the
 * server can have versions of this device that its own data do not know, and that hold somebody's work.
 */
export class SentVersions {
  readonly #attempts = new Map<VlobId, SentVersion[]>();

  /** To be called before the version leaves: its answer may get lost. `local` is what it was made of. */
  remember(remote: RemoteManifest, local: LocalManifest): void {
    const before = this.#attempts.get(remote.id) ?? [];
    const attempts = before.filter((attempt) => attempt.remote.version === remote.version).slice(1 - maxAttempts);
    this.#attempts.set(remote.id, [...attempts, { remote, local }]);
  }

  /** What the version was made of, when it is exactly one that was sent. */
  localOf(remote: RemoteManifest): LocalManifest | undefined {
    const attempts = this.#attempts.get(remote.id) ?? [];
    return attempts.find(
      ({ remote: { version, timestamp, author } }) =>
        version === remote.version && timestamp === remote.timestamp && author === remote.author,
    )?.local;
  }

  /** Whether the server may have a version of this entry that its base does not show. */
  has(id: VlobId): boolean {
    return this.#attempts.has(id);
  }

  /** Once the fate of the versions up to this one is known. */
  forget(id: VlobId, version: number): void {
    const later = (this.#attempts.get(id) ?? []).filter(({ remote }) => remote.version > version);
    if (later.length === 0) this.#attempts.delete(id);
    else this.#attempts.set(id, later);
  }
}
