import { DateTime, VlobId } from "@parsec/types";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import vectors from "../../../../../test/vectors/filesystem.json" with { type: "json" };
import { type DatedVersion, VersionFacts } from "../../../src/workspace/history/version-facts.ts";

interface Fact {
  readonly at: number;
  readonly not_found?: boolean;
  readonly version?: number;
  readonly timestamp?: number;
  readonly unknown?: boolean;
}
interface Case {
  readonly id: string;
  readonly known: readonly Fact[];
  readonly new: Fact;
  readonly resolves?: readonly Fact[];
  readonly error?: string;
}

const cases: readonly Case[] = vectors.history_resolution_cache.cases;

function add(facts: VersionFacts<DatedVersion>, { at, not_found, version = 0, timestamp = 0 }: Fact): void {
  if (not_found === true) facts.addNotFound(DateTime.fromSeconds(at));
  else facts.addVersion(DateTime.fromSeconds(at), { version, timestamp: DateTime.fromSeconds(timestamp) });
}

const screaming = (name: string) => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();

test.each(cases)("$id", ({ known, new: added, resolves, error }) => {
  const facts = new VersionFacts<DatedVersion>(VlobId.generate());
  for (const fact of known) add(facts, fact);
  if (error !== undefined) {
    expect(() => add(facts, added)).toThrow(expect.objectContaining({ reason: screaming(error) }));
    return;
  }
  add(facts, added);
  expect(resolves).not.toHaveLength(0);
  for (const { at, version, timestamp, not_found } of resolves ?? []) {
    const found = facts.resolve(DateTime.fromSeconds(at));
    if (version !== undefined) expect(found).toEqual({ version, timestamp: DateTime.fromSeconds(timestamp ?? 0) });
    else expect(found).toBe(not_found === true ? "not_found" : "unknown");
  }
});

test("there are 24 of them", () => expect(cases).toHaveLength(24));

test("of a server that does not contradict itself nothing is refused, and nothing false is told", () => {
  const timeline = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 8 });
  const asked = fc.array(fc.nat(40), { maxLength: 20 });
  fc.assert(
    fc.property(timeline, asked, (gaps, moments) => {
      let end = 0;
      const versions = gaps.map((gap, index) => {
        end += gap;
        return { version: index + 1, timestamp: DateTime.fromSeconds(end) };
      });
      const truth = (at: DateTime) => versions.findLast(({ timestamp }) => timestamp <= at);
      const facts = new VersionFacts<DatedVersion>(VlobId.generate());
      for (const moment of moments) {
        const at = DateTime.fromSeconds(moment);
        const version = truth(at);
        if (version === undefined) facts.addNotFound(at);
        else facts.addVersion(at, version);
        expect(facts.resolve(at)).toEqual(version ?? "not_found");
      }
      for (let moment = 0; moment <= 41; moment += 1) {
        const at = DateTime.fromSeconds(moment);
        const found = facts.resolve(at);
        if (found !== "unknown") expect(found).toEqual(truth(at) ?? "not_found");
      }
    }),
    { numRuns: 500 },
  );
});
