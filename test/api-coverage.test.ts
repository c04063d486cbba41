import { describe, expect, test } from "vitest";
import { statusOf } from "./api-coverage/coverage.ts";
import { errorTypes, fieldNames, variants } from "./api-coverage/errors.ts";
import { events } from "./api-coverage/events.ts";
import { Exports } from "./api-coverage/exports.ts";
import { functions } from "./api-coverage/functions.ts";
import { referenceErrors, referenceEvents, referenceFunctions } from "./api-coverage/reference.ts";
import { countFunctions, renderCoverage, variantCoverage } from "./api-coverage/render.ts";

// Everything that the official clients ask of their core has a name here, and the name exists. The compiler reads all
// packages for it, which takes some seconds.

const exported = new Exports();

const allVariants = [...referenceErrors].flatMap(([type, list]) => list.map((variant) => ({ type, ...variant })));

/** `Class CODE`, parsed. */
function parseCode(text: string): { readonly className: string; readonly code: string } {
  const [className = "", code = ""] = text.split(" ");
  return { className, code };
}

describe("functions", () => {
  test("each has its line, and no other", () => {
    expect(referenceFunctions).toHaveLength(215);
    expect(Object.keys(functions)).toEqual(referenceFunctions.map(({ name }) => name));
  });

  test("what we name exists", () => {
    const named = Object.values(functions).flatMap((coverage) => ("ours" in coverage ? coverage.ours : []));
    expect(named.filter((path) => exported.find(path) === undefined)).toEqual([]);
    expect(Object.values(functions).filter((coverage) => "ours" in coverage && coverage.ours.length === 0)).toEqual([]);
  });

  test("only mountpoints and the window's own are out of scope", () => {
    expect(
      Object.keys(functions).filter((name) => statusOf(functions[name] ?? { missing: "" }) === "out of scope"),
    ).toEqual([
      "getDefaultMountpointBaseDir",
      "libparsecInitNativeOnlyInit",
      "workspaceMount",
      "mountpointUnmount",
      "mountpointToOsPath",
      "showCertificateSelectionDialogWindowsOnly",
    ]);
    expect(Object.values(countFunctions()).reduce((sum, count) => sum + count)).toBe(215);
  });
});

describe("errors", () => {
  test("each variant has its line, and no line is about nothing", () => {
    expect(referenceErrors.size).toBe(129);
    expect(allVariants.filter(({ type, name }) => variantCoverage(type, name) === undefined)).toEqual([]);
    const names = new Set(allVariants.map(({ name }) => name));
    expect(Object.keys(variants).filter((name) => !names.has(name))).toEqual([]);
    const own = Object.entries(errorTypes).flatMap(([type, { variants: list = {} }]) =>
      Object.keys(list).map((name) => `${type} ${name}`),
    );
    const known = new Set(allVariants.map(({ type, name }) => `${type} ${name}`));
    expect(own.filter((each) => !known.has(each))).toEqual([]);
    expect(Object.keys(errorTypes).filter((type) => !referenceErrors.has(type))).toEqual([]);
  });

  test("each class exists, and has the code", () => {
    const wrong = allVariants.flatMap(({ type, name }) => {
      const coverage = variantCoverage(type, name);
      if (coverage === undefined || !Array.isArray(coverage)) return [];
      return coverage.filter((text: string) => {
        const { className, code } = parseCode(text);
        return exported.codes(className)?.has(code) !== true;
      });
    });
    expect([...new Set(wrong)]).toEqual([]);
  });

  test("each field has its own", () => {
    const wrong = allVariants.flatMap(({ type, name, fields }) => {
      const coverage = variantCoverage(type, name);
      if (coverage === undefined || !Array.isArray(coverage)) return [];
      const { className } = parseCode(coverage[0] ?? "");
      const paths = fields.map((field) => `${className}.${fieldNames[className]?.[field] ?? field}`);
      return paths.filter((path) => exported.find(path) === undefined).map((path) => `${type} ${name}: ${path}`);
    });
    expect(wrong).toEqual([]);
  });

  test("the union of what an operation throws has them all", () => {
    const wrong = allVariants.flatMap(({ type, name }) => {
      const { union } = errorTypes[type] ?? {};
      const coverage = variantCoverage(type, name);
      if (union === undefined || coverage === undefined || !Array.isArray(coverage)) return [];
      const codes = exported.codes(union) ?? new Set();
      const isInternal = name === "Internal" || name === "Stopped";
      return isInternal || coverage.some((text: string) => codes.has(parseCode(text).code))
        ? []
        : [`${union}: ${type} ${name}`];
    });
    expect(wrong).toEqual([]);
  });
});

describe("events", () => {
  test("each has its line, its type and its fields", () => {
    expect(referenceEvents).toHaveLength(32);
    expect(Object.keys(events)).toEqual(referenceEvents.map(({ name }) => name));
    const wrong = referenceEvents.filter(({ name, fields }) => {
      const event = events[name];
      if (event === undefined || "missing" in event) return event === undefined;
      const paths = fields.map((field) => event.fields?.[field] ?? field);
      const [ofErrors, ofEvent] = [paths.filter(isOfClass), paths.filter((path) => !isOfClass(path))];
      return (
        !exported.hasVariant("ClientEvent", event.type, ofEvent) ||
        ofErrors.some((path) => exported.find(path) === undefined)
      );
    });
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});

test("the page says so", async () => {
  await expect(renderCoverage()).toMatchFileSnapshot("../docs/api-coverage.md");
});

function isOfClass(path: string): boolean {
  return /^[A-Z]/.test(path);
}
