import { SigningKey } from "@parsec/crypto";

/** What a fake OpenBao keeps (spec 08c §9.1). Each entity sees its own secrets and signs with its own key. */
export class FakeVault {
  readonly #secrets = new Map<string, unknown[]>();
  readonly #keys = new Map<string, SigningKey>();

  /** The versions of a secret, oldest first. */
  versions(entityId: string, path: string): readonly unknown[] {
    return this.#secrets.get(`${entityId} ${path}`) ?? [];
  }

  /** A new version: its number, from 1. */
  write(entityId: string, path: string, data: unknown): number {
    const versions = [...this.versions(entityId, path), data];
    this.#secrets.set(`${entityId} ${path}`, versions);
    return versions.length;
  }

  /** Creating a key twice keeps the first. */
  createKey(entityId: string): void {
    if (!this.#keys.has(entityId)) this.#keys.set(entityId, SigningKey.generate());
  }

  key(entityId: string): SigningKey | undefined {
    return this.#keys.get(entityId);
  }

  clear(): void {
    this.#secrets.clear();
    this.#keys.clear();
  }
}
