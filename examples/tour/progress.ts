import type { Progress } from "@parsec/base";

/** Shows how far a step has come: a bar in a terminal, a line now and then elsewhere. */
export class ProgressLine {
  readonly #label: string;
  readonly #output: NodeJS.WriteStream;
  #shownQuarter = 0;

  constructor(label: string, output: NodeJS.WriteStream) {
    this.#label = label;
    this.#output = output;
  }

  /** To be given as `onProgress`. `total` in bytes, when the operation does not know it. */
  update(progress: Progress, total = progress.total): void {
    if (total === undefined || total === 0) return;
    const share = Math.min(1, progress.done / total);
    if (this.#output.isTTY) this.#draw(share);
    else this.#tell(share);
  }

  end(): void {
    if (this.#output.isTTY) this.#output.write("\r\u001b[K");
  }

  #draw(share: number): void {
    const filled = Math.round(share * 30);
    const bar = "█".repeat(filled) + "░".repeat(30 - filled);
    this.#output.write(`\r  ${this.#label} ${bar} ${Math.round(share * 100)} %`);
  }

  #tell(share: number): void {
    const quarter = Math.floor(share * 4);
    if (quarter <= this.#shownQuarter) return;
    this.#shownQuarter = quarter;
    this.#output.write(`  ${this.#label}: ${quarter * 25} %\n`);
  }
}
