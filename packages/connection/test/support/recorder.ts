/** Keeps what a callback was given, and lets a test wait for the next one without sleeping. */
export class Recorder<T> {
  readonly all: T[] = [];
  #taken = 0;
  #wake: () => void = () => undefined;

  readonly push = (value: T): void => {
    this.all.push(value);
    this.#wake();
  };

  /** The next value that was not taken yet, as soon as it is there. */
  async take(): Promise<T> {
    while (this.#taken >= this.all.length) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const value = this.all[this.#taken];
    this.#taken += 1;
    if (value === undefined) throw new Error("a recorder holds no undefined values");
    return value;
  }
}
