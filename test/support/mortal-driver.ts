import type { DeviceDatabases, StorageDriver } from "@parsec/storage";
import { writing } from "./faulty-driver.ts";

/** Where the process dies. */
export interface Fate {
  /** Counted from 1, from the first write of all. */
  readonly atWrite: number;
  /** The write at which it dies was stored all the same. */
  readonly isStored: boolean;
}

/**
 * The storage of a process that dies, as the process sees it: nothing is answered any more, not even by an error. Its
 * databases are closed by then and its device is free, as the platform does for the dead.
 */
export class MortalDriver implements StorageDriver {
  readonly #inner: StorageDriver;
  readonly #opened: DeviceDatabases[] = [];
  #isDead = false;
  #bury = () => {};
  /** Resolves once others can open what it had. */
  readonly death: Promise<void> = new Promise((resolve) => {
    this.#bury = resolve;
  });
  fate: Fate | undefined;
  writes = 0;

  constructor(inner: StorageDriver) {
    this.#inner = inner;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  check(): Promise<void> {
    return this.#answer(() => this.#inner.check());
  }

  openDevice(...args: Parameters<StorageDriver["openDevice"]>): Promise<DeviceDatabases> {
    return this.#answer(async () => {
      const device = await this.#inner.openDevice(...args);
      this.#opened.push(device);
      return {
        certificates: this.#guard(device.certificates),
        openUser: (realmId) => this.#answer(async () => this.#guard(await device.openUser(realmId))),
        openWorkspace: (realmId) => this.#answer(async () => this.#guard(await device.openWorkspace(realmId))),
        removeWorkspace: (realmId) => this.#answer(() => device.removeWorkspace(realmId)),
        close: () => this.#answer(() => device.close()),
      };
    });
  }

  removeDevice(...args: Parameters<StorageDriver["removeDevice"]>): Promise<void> {
    return this.#answer(() => this.#inner.removeDevice(...args));
  }

  async die(): Promise<void> {
    if (this.#isDead) return;
    this.#isDead = true;
    for (const device of this.#opened) await device.close();
    this.#bury();
  }

  async #answer<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isDead) return silence();
    const result = await work();
    return this.#isDead ? silence() : result;
  }

  #guard<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (_, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return (...args: unknown[]) =>
          this.#answer(async (): Promise<unknown> => {
            const work = () => Reflect.apply(method, target, args);
            if (!writing.has(String(name))) return work();
            this.writes += 1;
            if (this.writes !== this.fate?.atWrite) return work();
            if (this.fate.isStored) await work();
            await this.die();
            return undefined;
          });
      },
    });
  }
}

function silence(): Promise<never> {
  return new Promise(() => undefined);
}
