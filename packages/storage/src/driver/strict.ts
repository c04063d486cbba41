import { StorageError, storageClosed } from "../errors.ts";
import { guard } from "./guard.ts";
import { memoryDriver } from "./memory/driver.ts";
import type { DeviceDatabases, StorageDriver } from "./port.ts";

/** When the strict driver misbehaves. Writes are counted from 1, over all databases, from the last `plan`. */
export interface FaultPlan {
  /** This write, and only this one, is refused as if the disk were full. */
  readonly failAtWrite?: number | undefined;
  /** This write and all that follow are refused, as on a disk that stays full. */
  readonly failFromWrite?: number | undefined;
  /** From this write on the driver is dead, as after a power cut: this write and every later call fail. */
  readonly dieAtWrite?: number | undefined;
  /** The write at which the driver dies was stored all the same. */
  readonly storedBeforeDeath?: boolean | undefined;
}

export interface StrictDriver extends StorageDriver {
  /** Starts counting anew; without argument nothing fails. Brings a dead driver back to life, all databases closed. */
  plan(faults?: FaultPlan): void;
  /** Writes since the last `plan`. */
  readonly writes: number;
}

/**
 * A driver for tests that does everything a driver may do to the code above it: yields at every call, copies every
 * value in and out, refuses calls after close, fails or dies when told.
 */
export function strictDriver(inner: StorageDriver = memoryDriver()): StrictDriver {
  return new Strict(inner);
}

/** The methods that write. */
const writing: ReadonlySet<string> = new Set(["apply", "applyToCache", "moveChunksToBlocks"]);

class Strict implements StrictDriver {
  readonly #inner: StorageDriver;
  #faults: FaultPlan = {};
  #dead = false;
  #opened: Opening[] = [];
  writes = 0;

  constructor(inner: StorageDriver) {
    this.#inner = inner;
  }

  plan(faults: FaultPlan = {}): void {
    this.#faults = faults;
    this.#dead = false;
    this.writes = 0;
  }

  async check(): Promise<void> {
    this.#checkAlive();
    await this.#inner.check();
  }

  async openDevice(...args: Parameters<StorageDriver["openDevice"]>): Promise<DeviceDatabases> {
    this.#checkAlive();
    const inner = await this.#inner.openDevice(...args);
    const opening = { open: true, inner };
    this.#opened.push(opening);
    return this.#device(opening);
  }

  async removeDevice(...args: Parameters<StorageDriver["removeDevice"]>): Promise<void> {
    this.#checkAlive();
    await this.#inner.removeDevice(...args);
  }

  #device(opening: Opening): DeviceDatabases {
    const { inner } = opening;
    const database = async <T extends Closable>(open: Promise<T>) => this.#guard(await open, opening);
    return {
      certificates: this.#guard(inner.certificates, opening),
      openUser: (realmId) => this.#call(opening, () => database(inner.openUser(realmId))),
      openWorkspace: (realmId) => this.#call(opening, () => database(inner.openWorkspace(realmId))),
      removeWorkspace: (realmId) => this.#call(opening, () => inner.removeWorkspace(realmId)),
      close: async () => {
        opening.open = false;
        await inner.close();
      },
    };
  }

  /** The same database behind this driver's rules. */
  #guard<T extends object>(target: T, opening: Opening): T {
    let open = true;
    return guard(target, async (method, call, args) => {
      if (method === "close") {
        open = false;
        return call([]);
      }
      if (!open) throw storageClosed();
      const work = () => call(structuredClone(args));
      const isWrite = writing.has(method);
      return structuredClone(await this.#call(opening, isWrite ? () => this.#write(work) : work));
    });
  }

  async #call<T>(opening: Opening, work: () => Promise<T>): Promise<T> {
    await yieldToOthers();
    this.#checkAlive();
    if (!opening.open) throw storageClosed();
    return work();
  }

  async #write<T>(work: () => Promise<T>): Promise<T> {
    this.writes += 1;
    const { failAtWrite, failFromWrite = Number.POSITIVE_INFINITY } = this.#faults;
    if (this.writes === failAtWrite || this.writes >= failFromWrite)
      throw new StorageError("STORAGE_FULL", "No space left (as planned)");
    if (this.writes === this.#faults.dieAtWrite) {
      if (this.#faults.storedBeforeDeath === true) await work();
      await this.#die();
    }
    return work();
  }

  async #die(): Promise<never> {
    this.#dead = true;
    for (const opening of this.#opened.splice(0)) {
      opening.open = false;
      await opening.inner.close();
    }
    throw dead();
  }

  #checkAlive(): void {
    if (this.#dead) throw dead();
  }
}

interface Closable {
  close(): Promise<void>;
}

interface Opening {
  open: boolean;
  readonly inner: DeviceDatabases;
}

function dead(): StorageError {
  return new StorageError("STORAGE_UNAVAILABLE", "The storage driver is dead (as planned)");
}

function yieldToOthers(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
