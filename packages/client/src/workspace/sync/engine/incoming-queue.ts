import type { VlobId } from "@parsec/types";
import { Line } from "./line.ts";

/** An entry of which the server may have more. */
export interface Announced {
  readonly id: VlobId;
  /** What it said that it has; `undefined`: it has to be asked. */
  readonly version: number | undefined;
}

/** The entries to take in, in the order in which they were first announced. */
export class IncomingQueue {
  readonly #announced = new Map<VlobId, { readonly id: VlobId; version: number | undefined }>();
  readonly #line = new Line<{ readonly id: VlobId; version: number | undefined }>(new WeakMap());

  get size(): number {
    return this.#announced.size;
  }

  add(id: VlobId, version: number | undefined): void {
    const known = this.#announced.get(id);
    if (known !== undefined) {
      known.version = version;
      return;
    }
    const announced = { id, version };
    this.#announced.set(id, announced);
    this.#line.push(announced);
  }

  /** Takes out the first one that `isFree`. */
  take(isFree: (id: VlobId) => boolean): Announced | undefined {
    const next = this.#line.find(({ id }) => isFree(id));
    if (next === undefined) return undefined;
    this.#line.leave(next);
    this.#announced.delete(next.id);
    return next;
  }
}
