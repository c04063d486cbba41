// What the test runner reports, and the last lines of `npm test`.
import { existsSync, readFileSync } from "node:fs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {{ status: string, assertionResults: { status: string }[] }} TestFile */
/** @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number, testResults: TestFile[] }} Report vitest's JSON */

/**
 * The counts of a JSON report of vitest. A missing report is one failure, since its tests did not run.
 *
 * @param {string} path
 * @returns {Counts}
 */
export function readReport(path) {
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: 0 };
  return countTests(JSON.parse(readFileSync(path, "utf8")));
}

/**
 * A file that could not be loaded has no failed test in the runner's sums: it counts as one failure.
 *
 * @param {Report} report
 * @returns {Counts}
 */
export function countTests(report) {
  const unloaded = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * The last lines of `npm test` and its exit code: 0 only if all checks passed, and tests ran, and none failed.
 *
 * @param {string[]} failedChecks
 * @param {Counts[]} tests
 * @returns {{ lines: string[], code: number }}
 */
export function summarize(failedChecks, tests) {
  const total = (/** @type {keyof Counts} */ key) => tests.reduce((sum, counts) => sum + counts[key], 0);
  const lines = [];
  if (total("passed") === 0) lines.push("No test passed, so nothing is shown to work.");
  if (failedChecks.length > 0) lines.push(`Failed: ${failedChecks.join(", ")}.`);
  lines.push(`${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped`);
  const good = failedChecks.length === 0 && total("passed") > 0 && total("failed") === 0;
  return { lines, code: good ? 0 : 1 };
}
