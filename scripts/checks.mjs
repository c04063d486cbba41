// Runs named checks and tells their results.

/** @typedef {{ code: number, output?: string }} Outcome */
/** @typedef {{ name: string, passed: boolean }} Result */

const lanes = 2;

/**
 * Runs one check; prints its time, and its output unless it passed in silence.
 *
 * @param {string} name
 * @param {() => Promise<Outcome>} check
 * @returns {Promise<Result>}
 */
export async function attempt(name, check) {
  const begin = performance.now();
  const { code, output = "" } = await check();
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  const passed = code === 0;
  console.log(`${passed ? "ok    " : "FAILED"}  ${name}  (${seconds} s)`);
  const told = passed ? lastLine(output) : output.trimEnd();
  if (told) console.log(indent(told));
  return { name, passed };
}

/**
 * Runs checks that do not disturb each other, a few at a time.
 *
 * @param {[name: string, check: () => Promise<Outcome>][]} checks
 * @returns {Promise<Result[]>}
 */
export async function inParallel(checks) {
  const queue = [...checks];
  /** @type {Result[]} */
  const results = [];
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results.push(await attempt(...next));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

/** @param {string} text */
function lastLine(text) {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

/** @param {string} text */
function indent(text) {
  return text.replace(/^/gm, "        ");
}
