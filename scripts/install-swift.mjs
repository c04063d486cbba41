// Installs OpenStack Swift for the tests of block stores, without root, in `.swift`. Needs Debian's python3-venv and memcached.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { findSwift, swiftEnvironment } from "./swift.mjs";

/** @param {string} program @param {readonly string[]} args */
const run = (program, ...args) => execFileSync(program, args, { stdio: ["ignore", "inherit", "inherit"] });

if (findSwift() === undefined) {
  // The system's: another Python may lack what this one compiles against, or go away.
  run("/usr/bin/python3", "-m", "venv", swiftEnvironment);
  run(join(swiftEnvironment, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", "swift==2.38.3");
}
