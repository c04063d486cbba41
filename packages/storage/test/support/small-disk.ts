import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { StorageDriver } from "../../src/index.ts";
import { sqliteDriver } from "../../src/node/sqlite/driver.ts";
import { temporaryFolder } from "./folder.ts";
import { sqliteFailure, watchedSqlite } from "./watched-sqlite.ts";

export interface SmallDisk {
  readonly driver: StorageDriver;
  fill(): void;
  free(): void;
}

/** How {@link smallDisk} makes one here. */
export const smallDiskKind = canMount() ? "a small tmpfs" : "a binding that fails";

/** A tmpfs of some MiB where this user may mount one, else a SQLite whose writes fail as if the disk were full. */
export async function smallDisk(mebibytes: number): Promise<SmallDisk> {
  const folder = await temporaryFolder();
  if (smallDiskKind === "a binding that fails") return failingDisk(folder);
  mountTmpfs(folder, mebibytes);
  onTestFinished(() => {
    execFileSync("umount", ["-l", folder]);
  });
  const ballast = join(folder, "ballast");
  return {
    driver: sqliteDriver({ dir: join(folder, "data") }),
    fill: () => fillUp(ballast),
    free: () => writeFileSync(ballast, ""),
  };
}

function failingDisk(dir: string): SmallDisk {
  let isFull = false;
  const loaders = watchedSqlite(({ kind, sql }) => {
    if (isFull && (kind === "run" || sql === "COMMIT")) throw sqliteFailure("SQLITE_FULL");
  });
  return {
    driver: sqliteDriver({ dir, loaders }),
    fill: () => {
      isFull = true;
    },
    free: () => {
      isFull = false;
    },
  };
}

/** To the last byte. */
function fillUp(ballast: string): void {
  for (let size = 1024 * 1024; size >= 1; size >>= 1) {
    for (;;) {
      try {
        writeFileSync(ballast, new Uint8Array(size), { flag: "a" });
      } catch {
        break;
      }
    }
  }
}

function mountTmpfs(folder: string, mebibytes: number): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", folder], { stdio: "ignore" });
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "parsec-mount-"));
  try {
    mountTmpfs(folder, 1);
    execFileSync("umount", [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}
