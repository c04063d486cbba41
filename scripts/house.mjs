// What `npm start` and `npm test` share. Plain Node, no dependency: this runs before anything is installed.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The top of the repository. */
export const top = dirname(dirname(fileURLToPath(import.meta.url)));

/** Where checks leave their reports; git ignores it. */
export const reports = join(top, ".cache");

const manifest = JSON.parse(readFileSync(join(top, "package.json"), "utf8"));
const windows = process.platform === "win32";

/** An expected failure: its message is all that the reader needs. */
export class Stop extends Error {}

/**
 * Runs a command to its end, without standard input.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, quiet?: boolean, shell?: boolean }} [options] `quiet` collects the output in place of showing it
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: top,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", options.quiet ? "pipe" : "inherit", options.quiet ? "pipe" : "inherit"],
      shell: options.shell ?? false,
    });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout?.on("data", (chunk) => chunks.push(chunk));
    child.stderr?.on("data", (chunk) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString("utf8") }));
  });
}

/**
 * Runs a tool that the root depends on.
 *
 * @param {string} name
 * @param {string[]} args
 * @param {{ quiet?: boolean }} [options]
 */
export function tool(name, args, options = {}) {
  const bin = join(top, "node_modules", ".bin");
  const env = { PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` };
  return run(join(bin, windows ? `${name}.cmd` : name), args, { ...options, env, shell: windows });
}

/**
 * Runs a script of package.json.
 *
 * @param {string} name
 */
export function packageScript(name) {
  return run("npm", ["run", "--silent", name], { quiet: true, shell: windows });
}

/**
 * Runs pnpm at the version that package.json pins.
 *
 * @param {string[]} args
 * @param {{ quiet?: boolean }} [options]
 */
export async function pnpm(args, options = {}) {
  const cli = await pinnedPnpm();
  return run(process.execPath, [cli, ...args], { ...options, env: installEnv() });
}

/**
 * The pnpm of `packageManager`, version and hash. npm installs it apart, from a lock file that holds the hash, and so
 * refuses a package with other bytes; it fetches it once and keeps it in its own cache.
 *
 * @returns {Promise<string>} the program to run with Node
 */
async function pinnedPnpm() {
  const pin = /^pnpm@([0-9.]+)\+sha512\.([0-9a-f]{128})$/.exec(manifest.packageManager);
  if (pin === null) throw new Stop("packageManager in package.json must be pnpm@VERSION+sha512.HASH");
  const [, version = "", hash = ""] = pin;
  const folder = join(top, ".cache", `pnpm-${version}-${hash.slice(0, 16)}`);
  const program = join(folder, "node_modules", "pnpm", "bin", "pnpm.cjs");
  if (existsSync(program)) return program;
  const dependencies = { pnpm: version };
  const integrity = `sha512-${Buffer.from(hash, "hex").toString("base64")}`;
  const packages = { "": { dependencies }, "node_modules/pnpm": { version, integrity } };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies }));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ lockfileVersion: 3, requires: true, packages }));
  const npmArgs = ["ci", "--prefix", folder, "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { code, output } = await run("npm", npmArgs, { quiet: true, env: installEnv(), shell: windows });
  if (code === 0) return program;
  console.error(output);
  throw new Stop(
    "pnpm could not be installed: see the lines above. The npm registry must be reachable on the first run.",
  );
}

/** Native modules compile against the headers beside the running Node, where they are, not against downloaded ones. */
function installEnv() {
  const quiet = { npm_config_update_notifier: "false" };
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, "include", "node", "node_version.h"));
  return headers && !process.env["npm_config_nodedir"] ? { ...quiet, npm_config_nodedir: prefix } : quiet;
}

/** Refuses a Node that is too old, before its errors confuse anybody. */
function checkNode() {
  const [wantedMajor, wantedMinor] = versionNumbers(manifest.engines.node.replace(">=", ""));
  const [major, minor] = versionNumbers(process.versions.node);
  const older = major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
  if (older)
    throw new Stop(`This needs Node ${manifest.engines.node}; found ${process.versions.node}. Install a newer one.`);
}

/**
 * @param {string} version
 * @returns {[major: number, minor: number]}
 */
function versionNumbers(version) {
  const [major, minor] = version.split(".").map(Number);
  return [major ?? 0, minor ?? 0];
}

/** Installs what pnpm-lock.yaml says, nothing else. */
export async function install() {
  checkNode();
  console.log("Installing. The first time takes a minute or two, most of it SQLite where it must be compiled.");
  const { code } = await pnpm(["install", "--frozen-lockfile", "--prefer-offline"]);
  if (code === 0) return;
  throw new Stop(
    "The dependencies could not be installed: see the lines above. The npm registry must be reachable on the first run, " +
      "and a C++ compiler, make and python3 present where no prebuilt SQLite module can be fetched.",
  );
}

/**
 * Builds all packages and examples from nothing.
 *
 * @param {{ declarations: boolean, quiet?: boolean }} options
 */
export async function build(options) {
  for (const folder of ["packages", "examples"]) {
    for (const entry of readdirSync(join(top, folder), { withFileTypes: true })) {
      if (entry.isDirectory()) rmSync(join(top, folder, entry.name, "dist"), { recursive: true, force: true });
    }
  }
  return tool("tsup", options.declarations ? [] : ["--no-dts"], { quiet: options.quiet ?? false });
}

/**
 * Runs a script's main function: an expected failure is one line, any other keeps its stack; both exit with 1.
 *
 * @param {() => Promise<number>} main
 */
export async function script(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Stop ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
