/**
 * What stands here for one function of the public API of the reference (spec 10): the symbols that a program uses
 * instead, as paths from an export (`Session.users.list`). What `lacks` names is still to be built.
 */
export interface Covered {
  readonly ours: readonly string[];
  readonly note?: string;
  readonly lacks?: string;
}

/** Nothing does it yet. */
export interface Missing {
  readonly missing: string;
}

/** Not for an SDK: what to use instead. */
export interface OutOfScope {
  readonly instead: string;
}

export type Coverage = Covered | Missing | OutOfScope;

export type CoverageStatus = "whole" | "partly" | "missing" | "out of scope";

export function ours(...symbols: readonly string[]): Covered {
  return { ours: symbols };
}

export function noted(note: string, ...symbols: readonly string[]): Covered {
  return { ours: symbols, note };
}

export function outOfScope(instead: string): OutOfScope {
  return { instead };
}

export function statusOf(coverage: Coverage): CoverageStatus {
  if ("missing" in coverage) return "missing";
  if ("instead" in coverage) return "out of scope";
  return coverage.lacks === undefined ? "whole" : "partly";
}
