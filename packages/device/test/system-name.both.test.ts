import { systemName } from "@parsec/device";
import { expect, test } from "vitest";

test("every browser is the web, and Node says what it runs on", () => {
  const platform = "process" in globalThis ? globalThis.process.platform : "web";
  const names: Readonly<Record<string, string>> = { darwin: "macos", win32: "windows", web: "web", android: "android" };
  expect(systemName()).toBe(names[platform] ?? "linux");
});
