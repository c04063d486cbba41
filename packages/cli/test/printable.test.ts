import { expect, test } from "vitest";
import { jsonLine, printable } from "../src/printable.ts";
import { run } from "./run.ts";

test("names are printed as they are, in every script", () => {
  for (const name of ["Docs", "réunion d'équipe", "文書", "مستند", "\\o/ 😀", "a  b"])
    expect(printable(name)).toBe(name);
});

test("nothing that a terminal obeys, that breaks a line or turns its direction, is printed", () => {
  expect(printable("\u001b[2Jgone")).toBe("\\u{1b}[2Jgone");
  expect(printable("a\nb\r\u0007\t\u0000")).toBe("a\\u{a}b\\u{d}\\u{7}\\u{9}\\u{0}");
  expect(printable("\u009b31m\u007f")).toBe("\\u{9b}31m\\u{7f}");
  expect(printable("invoice\u202efdp.exe")).toBe("invoice\\u{202e}fdp.exe");
  expect(printable("a\u2028b\u2029c\u2066d")).toBe("a\\u{2028}b\\u{2029}c\\u{2066}d");
  expect(printable("half \ud800 of a pair")).toBe("half \\u{d800} of a pair");
});

test("JSON stays JSON, and shows none of it", () => {
  const name = "a\n\u001b[31m\u009b\u202e\u2028b 文書 😀 \ud800";
  const line = jsonLine({ name });
  expect(line).toBe(printable(line));
  expect(JSON.parse(line)).toEqual({ name });
});

test("whatever a command prints goes through it", async () => {
  const { code, errors } = await run(["--device", "\u001b]0;evil\u0007", "status"], { dir: "missing" });
  expect([code, errors]).toEqual([
    3,
    ["NO_SUCH_DEVICE: There is no device \\u{1b}]0;evil\\u{7} in this folder: parsec device list shows those that are"],
  ]);
});
