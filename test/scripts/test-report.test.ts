import { describe, expect, it } from "vitest";
import { countTests, readReport, summarize } from "../../scripts/test-report.mjs";

const nothing = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
const all = { passed: 3, failed: 0, skipped: 0 };

describe("the counts of a report", () => {
  it("are the runner's own, with todo among the skipped", () => {
    const report = { ...nothing, numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 };
    expect(countTests(report)).toEqual({ passed: 5, failed: 1, skipped: 3 });
  });

  it("have one failure for a file that could not be loaded", () => {
    const testResults = [
      { status: "failed", assertionResults: [] },
      { status: "failed", assertionResults: [{ status: "passed" }, { status: "failed" }] },
      { status: "passed", assertionResults: [{ status: "passed" }] },
    ];
    expect(countTests({ ...nothing, numPassedTests: 2, numFailedTests: 1, testResults }).failed).toBe(2);
  });

  it("have one failure for a report that is missing", () => {
    expect(readReport("no/such/report.json")).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe("the summary", () => {
  it("ends with the sum of all reports", () => {
    const { lines, code } = summarize([], [all, { passed: 1, failed: 0, skipped: 2 }]);
    expect(lines).toEqual(["4 passed, 0 failed, 2 skipped"]);
    expect(code).toBe(0);
  });

  it("fails when a test failed", () => {
    expect(summarize([], [all, { passed: 1, failed: 1, skipped: 0 }]).code).toBe(1);
  });

  it("fails when a check failed, and names it", () => {
    const { lines, code } = summarize(["lint", "types"], [all]);
    expect(lines).toEqual(["Failed: lint, types.", "3 passed, 0 failed, 0 skipped"]);
    expect(code).toBe(1);
  });

  it("fails when no test ran", () => {
    const { lines, code } = summarize([], [{ passed: 0, failed: 0, skipped: 4 }]);
    expect(lines.at(-1)).toBe("0 passed, 0 failed, 4 skipped");
    expect(code).toBe(1);
  });
});
