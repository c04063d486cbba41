import { type Coverage, type CoverageStatus, type Missing, statusOf } from "./coverage.ts";
import { errorTypes, stoppedOf, type VariantCoverage, variants } from "./errors.ts";
import { type EventCoverage, events } from "./events.ts";
import { functions } from "./functions.ts";
import { referenceErrors, referenceEvents, referenceFunctions } from "./reference.ts";

/** What stands here for a variant of an error type; `undefined` when nobody has said it. */
export function variantCoverage(errorType: string, variant: string): VariantCoverage | undefined {
  const own = errorTypes[errorType]?.variants?.[variant];
  return own ?? (variant === "Stopped" ? stoppedOf(errorType) : variants[variant]);
}

/** docs/api-coverage.md */
export function renderCoverage(): string {
  return [...head(), ...functionTables(), ...errorTable(), ...eventTable()].join("\n");
}

function head(): readonly string[] {
  const counts = countFunctions();
  const errors = [...referenceErrors].flatMap(([type, list]) => list.map(({ name }) => variantCoverage(type, name)));
  const missingErrors = errors.filter((coverage) => coverage !== undefined && "missing" in coverage).length;
  const missingEvents = Object.values(events).filter((event) => "missing" in event).length;
  return [
    "# The public API of the reference, and ours",
    "",
    "Made by `test/api-coverage.test.ts`, which checks every name of ours against what the packages export; after a change run",
    "`npx vitest run --project node test/api-coverage.test.ts -u`. What is not built yet is said in `test/api-coverage/*.ts`.",
    "",
    "| of | whole | partly | missing | out of scope |",
    "|---|---|---|---|---|",
    `| ${referenceFunctions.length} functions | ${counts.whole} | ${counts.partly} | ${counts.missing} | ${counts["out of scope"]} |`,
    `| ${errors.length} variants of ${referenceErrors.size} error types | ${errors.length - missingErrors} | | ${missingErrors} | |`,
    `| ${referenceEvents.length} events | ${referenceEvents.length - missingEvents} | | ${missingEvents} | |`,
    "",
  ];
}

export function countFunctions(): Readonly<Record<CoverageStatus, number>> {
  const counts = { whole: 0, partly: 0, missing: 0, "out of scope": 0 };
  for (const { name } of referenceFunctions) {
    const coverage = functions[name];
    if (coverage !== undefined) counts[statusOf(coverage)] += 1;
  }
  return counts;
}

function functionTables(): readonly string[] {
  const areas = [...new Set(referenceFunctions.map(({ area }) => area))];
  return ["## Functions", "", ...areas.flatMap(functionTable)];
}

function functionTable(area: string): readonly string[] {
  const rows = referenceFunctions
    .filter((each) => each.area === area)
    .map(({ name }) => [name, functions[name]] as const);
  return [
    `### ${area[0]?.toUpperCase()}${area.slice(1)}`,
    "",
    "| function | ours |",
    "|---|---|",
    ...rows.map(([name, coverage]) => `| \`${name}\` | ${coverage === undefined ? "" : functionCell(coverage)} |`),
    "",
  ];
}

function functionCell(coverage: Coverage): string {
  if ("missing" in coverage) return missingCell(coverage);
  if ("instead" in coverage) return `out of scope: ${coverage.instead}`;
  const note = coverage.note === undefined ? "" : `: ${coverage.note}`;
  const lacks = coverage.lacks === undefined ? "" : `; **partly**, lacks ${coverage.lacks}`;
  return `${code(coverage.ours)}${note}${lacks}`;
}

function missingCell({ missing }: Missing): string {
  return `**missing**: ${missing}`;
}

function errorTable(): readonly string[] {
  return [
    "## Errors",
    "",
    "Operations reject. `Internal` is a mistake in the code (`BUG`) or a reply that the protocol gives no meaning to.",
    "",
    "| error type | variant | ours |",
    "|---|---|---|",
    ...[...referenceErrors].flatMap(([type, list]) =>
      list.map(({ name }, index) => {
        const coverage = variantCoverage(type, name);
        return `| ${index === 0 ? `\`${type}\`` : ""} | ${name} | ${coverage === undefined ? "" : variantCell(coverage)} |`;
      }),
    ),
    "",
  ];
}

function variantCell(coverage: VariantCoverage): string {
  if ("missing" in coverage) return missingCell(coverage);
  return "instead" in coverage ? `no error: ${coverage.instead}` : code(coverage);
}

function eventTable(): readonly string[] {
  return [
    "## Events",
    "",
    "Those of `session.events`; `parsec.events` tells those of all sessions.",
    "",
    "| event | ours |",
    "|---|---|",
    ...referenceEvents.map(({ name, fields }) => {
      const event = events[name];
      return `| ${name} | ${event === undefined ? "" : eventCell(event, fields)} |`;
    }),
    "",
  ];
}

function eventCell(event: EventCoverage | Missing, fields: readonly string[]): string {
  if ("missing" in event) return missingCell(event);
  const when = event.when === undefined ? "" : `, ${event.when}`;
  const names = fields.map((field) => event.fields?.[field] ?? field);
  return `${code([event.type])}${when}${names.length === 0 ? "" : ` (${code(names)})`}`;
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}
