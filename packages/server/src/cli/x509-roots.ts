import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { badOption } from "./arguments.ts";

const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * Looks whether everything in a folder, and those in it, is certificates in PEM: as in the official server they are loaded
 * at the start, and no check uses them yet (spec 08c §3). @returns how many there are
 * @throws StartServerError
 */
export function checkX509Roots(folder: string): number {
  let count = 0;
  for (const path of filesIn(folder)) {
    const blocks = readFileSync(path, "utf8").match(block) ?? [];
    if (blocks.length === 0) throw badOption("trusted-x509-root-dir", `holds a file without certificate: ${path}`);
    for (const pem of blocks) {
      try {
        new X509Certificate(pem);
      } catch {
        throw badOption("trusted-x509-root-dir", `holds a damaged certificate: ${path}`);
      }
      count += 1;
    }
  }
  return count;
}

function filesIn(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    throw badOption("trusted-x509-root-dir", "expects a folder that can be read");
  }
}
