// `npm test`: installs, builds, checks and tests everything. The last line sums the reports of the test runner.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { attempt, inParallel } from "./checks.mjs";
import { findChromium } from "./chromium.mjs";
import { build, install, packageScript, reports, run, script, tool, top } from "./house.mjs";
import { findPostgres, testsUsePostgres } from "./postgres.mjs";
import { findSwift, testsUseSwift } from "./swift.mjs";
import { readReport, summarize } from "./test-report.mjs";

const quiet = { quiet: true };
// The server's suite runs on each kind of store; that of the project "node" is memory.
const projects = [
  "node",
  "server-sqlite",
  ...(testsUsePostgres() ? ["server-postgres"] : []),
  ...(testsUseSwift() ? ["server-swift"] : []),
  "chromium",
];

/** @param {string} project */
const reportOf = (project) => join(reports, `vitest-${project}.json`);

/** @param {string} name */
const check = (name) => run(process.execPath, [join(top, "scripts", "checks", `${name}.mjs`)], quiet);

/** @param {string} project */
const tests = (project) =>
  tool("vitest", [
    "run",
    `--project=${project}`,
    "--reporter=dot",
    "--reporter=json",
    `--outputFile.json=${reportOf(project)}`,
  ]);

await script(async () => {
  await install();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });

  const results = [
    await attempt("build", () => build({ declarations: true, quiet: true })),
    ...(await inParallel([
      ["types", () => packageScript("check:types")],
      ["lint", () => packageScript("check:lint")],
      ["format", () => packageScript("check:format")],
      ["import rules", () => packageScript("check:imports")],
      ["unused code", () => packageScript("check:unused")],
      ["native modules", () => check("native-modules")],
      ["browser bundle", () => check("browser-bundle")],
      ["tarballs", () => check("tarballs")],
    ])),
  ];

  console.log(`\nChromium: ${findChromium() ?? "none on PATH and CHROMIUM_PATH not set; trying Playwright's own"}`);
  console.log(
    testsUsePostgres()
      ? `PostgreSQL: ${findPostgres() ?? "none, though CI asks for it"}`
      : "PostgreSQL: none, so the server's tests on it are left out. To run them: apt-get install postgresql",
  );
  console.log(
    testsUseSwift()
      ? `OpenStack Swift (S3): ${findSwift() ?? "none, though CI asks for it"}`
      : "OpenStack Swift (S3): none, so the tests of blocks in S3 and Swift are left out. To run them: apt-get install python3-venv memcached, then node scripts/install-swift.mjs",
  );
  for (const project of projects) {
    results.push(await attempt(`tests in ${project}`, () => tests(project)));
  }
  const failed = results.filter((result) => !result.passed).map((result) => result.name);
  const { lines, code } = summarize(
    failed,
    projects.map((project) => readReport(reportOf(project))),
  );
  console.log(`\n${lines.join("\n")}`);
  return code;
});
