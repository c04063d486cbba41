// Finds the programs of OpenStack Swift, an object store that speaks S3 too: on PATH, else where `node scripts/install-swift.mjs`
// puts them.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { top } from "./house.mjs";

/** A virtual environment of Python, with Swift in it. */
export const swiftEnvironment = join(top, ".swift");

const programs = ["account", "container", "object", "proxy"].map((name) => `swift-${name}-server`);

/** @returns {string | undefined} the folder of `swift-proxy-server` and the others, when memcached is there too */
export function findSwift() {
  const path = (process.env["PATH"] ?? "").split(delimiter);
  if (!path.some((folder) => folder !== "" && existsSync(join(folder, "memcached")))) return undefined;
  return [...path, join(swiftEnvironment, "bin")].find(
    (folder) => folder !== "" && programs.every((name) => existsSync(join(folder, name))),
  );
}

/** True when block stores are tested on Swift: where it is installed, and wherever CI says that nothing is left out. */
export function testsUseSwift() {
  const ci = process.env["CI"];
  return findSwift() !== undefined || (ci !== undefined && ci !== "" && ci !== "false");
}
