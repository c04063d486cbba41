/** One line of the final table. */
interface Step {
  readonly name: string;
  readonly milliseconds: number;
  /** Bytes of content that went through it, when that says something. */
  readonly bytes: number | undefined;
}

/** Runs the steps of the tour, tells about each, and keeps what it took. */
export class Steps {
  readonly #done: Step[] = [];
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** `bytesOf` tells how much content a step has moved. */
  async run<T>(name: string, work: () => Promise<T>, bytesOf?: (result: T) => number): Promise<T> {
    this.#write(`${this.#done.length + 1}. ${name}`);
    const start = performance.now();
    const result = await work();
    this.#done.push({ name, milliseconds: performance.now() - start, bytes: bytesOf?.(result) });
    return result;
  }

  table(): string {
    const rows = this.#done.map(({ name, milliseconds, bytes }) => [
      name,
      `${milliseconds.toFixed(0)} ms`,
      bytes === undefined ? "" : `${(bytes / 1e3 / milliseconds).toFixed(1)} MB/s`,
    ]);
    const header = ["step", "time", "throughput"];
    const widths = header.map((title, column) => Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)));
    const line = (row: readonly string[]) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd();
    return [header, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("\n");
  }
}
