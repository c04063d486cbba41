import { holds } from "../../../../test/support/patience.ts";

/** Keeps what a callback was given, and lets a test wait for the next one without sleeping. */
export class Recorder<T> {
  readonly all: T[] = [];
  #taken = 0;

  readonly push = (value: T): void => {
    this.all.push(value);
  };

  /** The next value that was not taken yet, as soon as it is there. */
  async take(): Promise<T> {
    const index = this.#taken;
    this.#taken += 1;
    await holds(`number ${index + 1} of what is recorded`, () => index < this.all.length);
    const value = this.all[index];
    if (value === undefined) throw new Error("a recorder holds no undefined values");
    return value;
  }
}
