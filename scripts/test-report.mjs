import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { reports } from "./house.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Report */

/**
 * The counts of vitest's own JSON report of a project. A file that could not be loaded counts as one failure;
 * a missing report too, since its tests did not run.
 *
 * @param {string} project
 * @returns {Report}
 */
export function readReport(project) {
  const path = join(reports, `vitest-${project}.json`);
  if (!existsSync(path)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(path, "utf8"));
  const broken = report.testResults.filter(
    (/** @type {{ status: string, assertionResults: { status: string }[] }} */ file) =>
      file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
