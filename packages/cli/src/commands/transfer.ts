import { stat as statLocal } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ImportReport, Workspace } from "@parsec/client";
import { UsageError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { LocalTarget } from "../local-target.ts";
import { localTree } from "../local-tree.ts";
import { LeftOut, remoteTree } from "../remote-tree.ts";
import { pull, push, withWorkspace } from "../session.ts";

/** Reads from the standard input, writes to the standard output. */
const pipe = "-";

export function cat(invocation: Invocation): Promise<void> {
  return withWorkspace(invocation, async (workspace) => {
    await pull(invocation, workspace);
    await toOutput(invocation, workspace, invocation.operand("path"));
  });
}

export async function put(invocation: Invocation): Promise<void> {
  const source = invocation.operand("source");
  const target = invocation.optionalOperand("target");
  if (source === pipe && target === undefined)
    throw new UsageError("The standard input needs the path of a file as target");
  // What is not there is told before anybody is asked for a password.
  if (source !== pipe) await statLocal(source);
  await withWorkspace(invocation, async (workspace) => {
    const { signal, output, shell } = invocation;
    if (source === pipe) {
      await workspace.writeFile(target ?? "/", shell.input, { signal });
      await push(invocation, workspace);
      return;
    }
    const report = await workspace.import(localTree(source), target ?? "/", { signal });
    const leftOut = tellSkipped(invocation, report);
    await push(invocation, workspace);
    const { imported, unchanged, folders, bytes } = report;
    const counts = { files: imported.length, unchanged: unchanged.length, folders, bytes };
    const line = `${counts.files} files stored, ${counts.unchanged} unchanged, ${folders} folders, ${bytes} bytes`;
    output.report({ type: "stored", ...counts, leftOut: report.skipped.length }, line);
    leftOut.check();
  });
}

/** What is left out by rule is told; what could not be stored also counts as a failure. */
function tellSkipped({ output }: Invocation, { skipped }: ImportReport): LeftOut {
  const leftOut = new LeftOut();
  for (const { path, reason } of skipped) {
    output.note(`left out: ${path} (${reason})`);
    if (reason !== "PREVENT_SYNC_PATTERN" && reason !== "SYMBOLIC_LINK_OR_SPECIAL_FILE") leftOut.add(path);
  }
  return leftOut;
}

export function get(invocation: Invocation): Promise<void> {
  const path = invocation.operand("path");
  return withWorkspace(invocation, async (workspace) => {
    const { signal } = invocation;
    await pull(invocation, workspace);
    const start = await workspace.stat(path, { signal });
    const target = invocation.optionalOperand("target") ?? (basename(path) || workspace.name);
    if (target === pipe) return toOutput(invocation, workspace, path);
    const local = new LocalTarget(workspace, signal);
    const leftOut = new LeftOut();
    if (start.kind === "file") await local.file(path, target, start);
    else await getTree(invocation, workspace, { path, target, local, leftOut });
    const { files, unchanged, bytes } = local;
    const line = `${files} files written, ${unchanged} unchanged, ${bytes} bytes`;
    invocation.output.report({ type: "written", files, unchanged, bytes }, line);
    leftOut.check();
  });
}

interface Tree {
  readonly path: string;
  readonly target: string;
  readonly local: LocalTarget;
  readonly leftOut: LeftOut;
}

async function getTree({ signal, output }: Invocation, workspace: Workspace, tree: Tree): Promise<void> {
  const { path, target, local, leftOut } = tree;
  /** The local folders that lead to where we are. */
  const folders = [target];
  await local.folder(target);
  for await (const { depth, path: from, entry } of remoteTree(workspace, path, signal)) {
    folders.length = Math.min(folders.length, depth + 1);
    const folder = folders[depth];
    // Below a folder that was left out.
    if (folder === undefined) continue;
    const isUsable = entry.kind !== "damaged" && LocalTarget.canHold(entry.name);
    if (!isUsable) {
      output.note(`left out: ${from} (${entry.kind === "damaged" ? entry.reason : "NAME_NOT_POSSIBLE_HERE"})`);
      leftOut.add(from);
      continue;
    }
    const to = join(folder, entry.name);
    if (entry.kind === "file") await local.file(from, to, entry);
    else {
      await local.folder(to);
      folders.push(to);
    }
  }
}

async function toOutput({ shell, signal }: Invocation, workspace: Workspace, path: string): Promise<void> {
  const content = await workspace.readFile(path, { signal });
  await pipeline(content, shell.output, { end: false });
}
