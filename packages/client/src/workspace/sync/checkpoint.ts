/**
 * Up to where this device knows what the server has. It is stored once all that was announced until there is taken in
 * and has its place, so that a process that ends before leaves the next one the hint that something may have none.
 */
export class Checkpoint {
  #known: number | undefined;
  #stored: number | undefined;
  #hadNews = true;

  /** What to ask from; `stored` is what the device has on its disk. */
  async from(stored: () => Promise<number>): Promise<number> {
    if (this.#known !== undefined) return this.#known;
    this.#stored = await stored();
    return this.#stored;
  }

  /** The server answered, and the versions that it announced are noted. */
  reached(checkpoint: number): void {
    if (this.#known === undefined) this.#hadNews = checkpoint !== this.#stored;
    this.#known = checkpoint;
  }

  /** Whether the server had anything new since the last process stored it, or nobody asked yet. */
  get hadNews(): boolean {
    return this.#hadNews;
  }

  /** What is to be stored, if anything. */
  get unstored(): number | undefined {
    return this.#known === this.#stored ? undefined : this.#known;
  }

  stored(checkpoint: number): void {
    this.#stored = checkpoint;
  }
}
