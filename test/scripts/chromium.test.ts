import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findChromium } from "../../scripts/chromium.mjs";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chromium-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("Chromium is found", () => {
  it("where CHROMIUM_PATH says, before any on PATH", () => {
    writeFileSync(join(folder, "chromium"), "");
    chmodSync(join(folder, "chromium"), 0o755);
    expect(findChromium({ CHROMIUM_PATH: "/opt/chromium", PATH: folder })).toBe("/opt/chromium");
  });

  it("in a folder of PATH, under any of its names, if it can be executed", () => {
    writeFileSync(join(folder, "chromium"), "");
    writeFileSync(join(folder, "google-chrome"), "");
    chmodSync(join(folder, "google-chrome"), 0o755);
    expect(findChromium({ PATH: ["/nowhere", folder].join(delimiter) })).toBe(join(folder, "google-chrome"));
  });

  it("nowhere else", () => {
    expect(findChromium({ PATH: folder })).toBeUndefined();
    expect(findChromium({})).toBeUndefined();
  });
});
