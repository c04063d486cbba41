// Finds the programs of PostgreSQL: on PATH, else where Debian puts them.
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

const debian = "/usr/lib/postgresql";

/** @returns {string | undefined} the folder of `initdb` and `postgres` */
export function findPostgres() {
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    ...versions.map((name) => join(debian, name, "bin")),
  ];
  return folders.find(
    (folder) => folder !== "" && ["initdb", "postgres"].every((name) => existsSync(join(folder, name))),
  );
}

/** True when the server is tested on PostgreSQL: where it is installed, and wherever CI says that nothing is left out. */
export function testsUsePostgres() {
  const ci = process.env["CI"];
  return findPostgres() !== undefined || (ci !== undefined && ci !== "" && ci !== "false");
}
