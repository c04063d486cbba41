import { expect, test } from "vitest";
import { main } from "../src/main.ts";
import { printable } from "../src/printable.ts";

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

test("whatever a command prints goes through it", async () => {
  const lines: string[] = [];
  const code = await main({
    argv: ["--device", "\u001b]0;evil\u0007", "workspaces"],
    env: { PARSEC_PASSWORD: "p" },
    output: process.stdout,
    print: (line) => lines.push(line),
    printError: (line) => lines.push(line),
    askPassword: () => Promise.reject(new Error("nobody answers")),
    signal: new AbortController().signal,
  });
  expect([code, lines]).toEqual([2, ["USAGE: \\u{1b}]0;evil\\u{7} is not a device id: see parsec --help"]]);
});
