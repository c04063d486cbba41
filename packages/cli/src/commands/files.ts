import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { hasCode } from "@parsec/base";
import type { ListedEntry, Workspace } from "@parsec/client";
import { type Arguments, required } from "../arguments.ts";
import { localTree } from "../local-tree.ts";
import { chooseWorkspace, withSession } from "../person.ts";
import type { Shell } from "../shell.ts";

export function ls(shell: Shell, args: Arguments): Promise<void> {
  const [workspaceName, path = "/"] = args.operands;
  return withWorkspace(shell, args, workspaceName, async (workspace) => {
    await pull(shell, workspace);
    for await (const entry of workspace.list(path, { signal: shell.signal })) shell.print(listLine(entry));
  });
}

function listLine(entry: ListedEntry): string {
  switch (entry.kind) {
    case "file":
      return `${String(entry.size).padStart(12)}  ${entry.name}`;
    case "folder":
      return `${"-".padStart(12)}  ${entry.name}/`;
    case "damaged":
      return `${"damaged".padStart(12)}  ${entry.name} (${entry.reason})`;
  }
}

export function importFiles(shell: Shell, args: Arguments): Promise<void> {
  const [workspaceName, path, target = "/"] = args.operands;
  const source = required(path, "PATH");
  return withWorkspace(shell, args, workspaceName, async (workspace) => {
    const report = await workspace.import(localTree(source), target, { signal: shell.signal });
    for (const skipped of report.skipped) shell.printError(`left out: ${skipped.path} (${skipped.reason})`);
    await workspace.sync({ signal: shell.signal });
    const { imported, unchanged, folders, bytes } = report;
    shell.print(`${imported.length} files imported, ${unchanged.length} unchanged, ${folders} folders, ${bytes} bytes`);
  });
}

export function exportFile(shell: Shell, args: Arguments): Promise<void> {
  const [workspaceName, path, file] = args.operands;
  const source = required(path, "PATH");
  const target = required(file, "FILE");
  return withWorkspace(shell, args, workspaceName, async (workspace) => {
    await pull(shell, workspace);
    const content = await workspace.readFile(source, { signal: shell.signal });
    if (target === "-") await pipeline(content, shell.output, { end: false });
    else await writeWhole(content, target);
  });
}

/** The file appears under its name once all of it is there. */
async function writeWhole(content: ReadableStream<Uint8Array>, target: string): Promise<void> {
  const part = `${target}.part`;
  try {
    await pipeline(content, createWriteStream(part, { flush: true }));
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Takes in what is new on the server; without network the device shows what it has. */
async function pull(shell: Shell, workspace: Workspace): Promise<void> {
  try {
    await workspace.sync({ signal: shell.signal });
  } catch (error) {
    if (!hasCode(error, "OFFLINE")) throw error;
    shell.printError("Offline: this is what the device has");
  }
}

function withWorkspace(
  shell: Shell,
  args: Arguments,
  name: string | undefined,
  work: (workspace: Workspace) => Promise<void>,
): Promise<void> {
  const wanted = required(name, "WORKSPACE");
  return withSession(shell, args, async (session) => work(await chooseWorkspace(session, wanted)));
}
