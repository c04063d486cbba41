// The text format that Prometheus reads, version 0.0.4: what a server tells needs no more than these three kinds.

/** Content type of {@link Exposition.text}. */
export const expositionContentType = "text/plain; version=0.0.4; charset=utf-8";

type LabelValues = readonly string[];

/** Counts that only grow, by the values of their labels. These must come from closed sets: each is kept for ever. */
export class Counter {
  readonly #values = new Map<string, number>();
  readonly #labels: readonly string[];

  constructor(labels: readonly string[]) {
    this.#labels = labels;
  }

  add(values: LabelValues, by = 1): void {
    const key = labelText(this.#labels, values);
    this.#values.set(key, (this.#values.get(key) ?? 0) + by);
  }

  lines(name: string): readonly string[] {
    return [...this.#values].map(([labels, value]) => `${name}${braced(labels)} ${value}`);
  }
}

/** How many observations were at most as large as each bound. */
export class Histogram {
  readonly #series = new Map<string, { readonly counts: number[]; sum: number; total: number }>();
  readonly #labels: readonly string[];
  readonly #bounds: readonly number[];

  /** `bounds` grow. */
  constructor(labels: readonly string[], bounds: readonly number[]) {
    this.#labels = labels;
    this.#bounds = bounds;
  }

  observe(values: LabelValues, value: number): void {
    const key = labelText(this.#labels, values);
    const series = this.#series.get(key) ?? { counts: this.#bounds.map(() => 0), sum: 0, total: 0 };
    this.#series.set(key, series);
    series.sum += value;
    series.total += 1;
    const first = this.#bounds.findIndex((bound) => value <= bound);
    if (first >= 0) series.counts[first] = (series.counts[first] ?? 0) + 1;
  }

  lines(name: string): readonly string[] {
    return [...this.#series].flatMap(([labels, { counts, sum, total }]) => {
      let below = 0;
      const buckets = this.#bounds.map((bound, index) => {
        below += counts[index] ?? 0;
        return `${name}_bucket${braced(joined(labels, `le="${bound}"`))} ${below}`;
      });
      return [
        ...buckets,
        `${name}_bucket${braced(joined(labels, 'le="+Inf"'))} ${total}`,
        `${name}_sum${braced(labels)} ${sum}`,
        `${name}_count${braced(labels)} ${total}`,
      ];
    });
  }
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  lines(name: string): readonly string[];
}

/** All that one server tells, in the order in which it was registered. */
export class Exposition {
  readonly #families: Family[] = [];

  counter(name: string, help: string, labels: readonly string[]): Counter {
    const counter = new Counter(labels);
    this.#families.push({ name, help, type: "counter", lines: (of) => counter.lines(of) });
    return counter;
  }

  histogram(name: string, help: string, labels: readonly string[], bounds: readonly number[]): Histogram {
    const histogram = new Histogram(labels, bounds);
    this.#families.push({ name, help, type: "histogram", lines: (of) => histogram.lines(of) });
    return histogram;
  }

  /** A number that is read when somebody asks. */
  reading(type: "counter" | "gauge", name: string, help: string, read: () => number): void {
    this.#families.push({ name, help, type, lines: (of) => [`${of} ${read()}`] });
  }

  text(): string {
    const lines = this.#families.flatMap((family) => [
      `# HELP ${family.name} ${family.help}`,
      `# TYPE ${family.name} ${family.type}`,
      ...family.lines(family.name),
    ]);
    return `${lines.join("\n")}\n`;
  }
}

function labelText(labels: readonly string[], values: LabelValues): string {
  return labels.map((label, index) => `${label}="${escaped(values[index] ?? "")}"`).join(",");
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function joined(labels: string, more: string): string {
  return labels === "" ? more : `${labels},${more}`;
}

function braced(labels: string): string {
  return labels === "" ? "" : `{${labels}}`;
}
