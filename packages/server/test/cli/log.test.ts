import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Arguments } from "../../src/cli/arguments.ts";
import { Log } from "../../src/cli/log.ts";
import { logOptions } from "../../src/cli/option.ts";
import type { RequestSummary } from "../../src/index.ts";

let folder: string;
let errors: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "parsec-log-"));
  errors = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (...argv: string[]) =>
  new Log(Arguments.parse(logOptions, argv, {}), { printError: (line) => errors.push(line) });

const request: RequestSummary = {
  method: "POST",
  family: "authenticated",
  command: "vlob_create",
  status: 200,
  reply: "ok",
  cut: false,
  duration: 1.2345,
};

test("one line a request, in each format", () => {
  for (const format of ["CONSOLE", "console_no_timestamp", "JSON"]) open("--log-format", format).request(request);
  const [console, plain, json] = errors;
  expect(console).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z \[INFO\] request method=POST family=authenticated /);
  expect(plain).toBe("[INFO] request method=POST family=authenticated command=vlob_create status=200 reply=ok ms=1.2");
  const { timestamp, ...fields } = JSON.parse(json ?? "") as Record<string, unknown>;
  expect(timestamp).toMatch(/Z$/);
  expect(fields).toEqual({
    level: "INFO",
    event: "request",
    method: "POST",
    family: "authenticated",
    command: "vlob_create",
    status: 200,
    reply: "ok",
    ms: 1.2,
  });
});

test("what is a failure of ours is a warning or an error; who watches is no news", () => {
  const log = open("--log-level", "WARNING", "--log-format", "CONSOLE_NO_TIMESTAMP");
  log.request(request);
  log.request({ ...request, family: "health" });
  log.request({ ...request, status: 503, reply: null });
  log.request({ ...request, status: 500, reply: null });
  log.request({ ...request, status: null, reply: null, cut: true });
  expect(errors.map((line) => line.split(" ")[0])).toEqual(["[WARNING]", "[ERROR]"]);
  const debug = open("--log-level", "debug", "--log-format", "CONSOLE_NO_TIMESTAMP");
  debug.request({ ...request, family: "health" });
  expect(errors.at(-1)).toMatch(/^\[DEBUG\]/);
});

test("a value never looks like two, nor like another line", () => {
  open("--log-format", "CONSOLE_NO_TIMESTAMP").write("INFO", "x", { a: "b c=d\n[ERROR] e", b: null, c: true });
  expect(errors).toEqual(['[INFO] x a="b c=d\\n[ERROR] e" c=true']);
});

test("to a file, that is opened again after it was moved", () => {
  const path = join(folder, "server.log");
  const log = open("--log-file", path, "--log-format", "CONSOLE_NO_TIMESTAMP");
  log.write("INFO", "first");
  renameSync(path, `${path}.1`);
  log.write("INFO", "second");
  expect(existsSync(path)).toBe(false);
  log.reopen();
  log.write("INFO", "third");
  log.close();
  expect(readFileSync(`${path}.1`, "utf8")).toBe("[INFO] first\n[INFO] second\n");
  expect(readFileSync(path, "utf8")).toBe("[INFO] third\n");
  // Another run goes on behind what is there.
  const again = open("--log-file", path, "--log-format", "CONSOLE_NO_TIMESTAMP");
  again.write("INFO", "fourth");
  again.close();
  expect(readFileSync(path, "utf8")).toBe("[INFO] third\n[INFO] fourth\n");
  expect(errors).toEqual([]);
});

test("a full disk loses lines, says so once, and ends nothing", () => {
  const log = open("--log-file", "/dev/full");
  log.write("INFO", "first");
  log.write("INFO", "second");
  log.close();
  expect(errors).toEqual(["The log file cannot be written: lines are lost"]);
});

test.each([
  [["--log-level", "LOUD"], /--log-level expects DEBUG, INFO/],
  [["--log-format", "XML"], /--log-format expects CONSOLE/],
  [["--log-file", "/nowhere/at/all.log"], /--log-file: cannot write/],
])("%j is refused", (argv, message) => {
  expect(() => open(...argv)).toThrow(message);
});
