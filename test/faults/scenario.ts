import { equalBytes, ParsecError } from "@parsec/base";
import type { Workspace } from "@parsec/client";
import type { StorageDriver } from "@parsec/storage";
import { expect } from "vitest";
import { LooseDevices } from "../support/loose-devices.ts";
import type { ScriptedNetwork } from "../support/scripted-network.ts";
import { has, names, pattern, readAll } from "../support/workspace-content.ts";

// An import of three files, one of which is overwritten, one renamed, their folder moved, and all of it uploaded.

const contents = new Map([
  ["a", pattern(100, 1)],
  ["b", pattern(530_000, 2)],
  ["c", pattern(300, 3)],
]);
const overwritten = pattern(200, 4);
const expected = new Map([
  ["a", overwritten],
  ["c", contents.get("c")],
  ["renamed", contents.get("b")],
]);

/** The scenario, or what is left of it. */
async function finish(workspace: Workspace): Promise<void> {
  if (!(await has(workspace, "/moved"))) {
    const entries = Array.from(contents, ([name, content]) => ({
      kind: "file" as const,
      names: [name],
      size: content.length,
      open: () => content,
    }));
    await workspace.import(entries, "/in");
    await workspace.writeFile("/in/a", overwritten);
    await workspace.move("/in/b", "/in/renamed", { replace: true });
    await workspace.move("/in", "/moved");
  }
  await workspace.sync();
}

async function expectAll(workspace: Workspace): Promise<void> {
  expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  expect((await names(workspace)).filter((name) => name !== "foo" && name !== "bar.txt")).toEqual(["moved"]);
  expect(await names(workspace, "/moved")).toEqual([...expected.keys()]);
  for (const [name, content = new Uint8Array()] of expected) {
    expect(equalBytes(await readAll(workspace, `/moved/${name}`), content), name).toBe(true);
  }
}

/** Where the scenario is played, and what happens there. */
export interface Stage {
  readonly storage: StorageDriver;
  readonly network: ScriptedNetwork;
  /** From here on the fault may come. */
  begin(): void;
  /** Resolves when the process is dead, if it dies: nothing can be said to it any more. */
  readonly death?: Promise<void>;
  /** The run is over, and closed unless dead: no fault comes any more. Gives whether one came. */
  end(): boolean;
  /** The same storage, without faults. */
  readonly storageAfter: StorageDriver;
}

/**
 * Plays the scenario with a fault, then opens the device again and plays the rest: all is as it should be then, there
 * and on another device. Gives whether the fault came.
 */
export async function play(server: { readonly url: string }, stage: Stage): Promise<boolean> {
  const devices = await LooseDevices.load(server);
  const first = await devices.open(0, { storage: stage.storage, transport: stage.network });
  stage.begin();
  const run = finish(first.workspace).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  let isDead = false;
  const dead = stage.death?.then(() => {
    isDead = true;
  });
  const error: unknown = await (dead === undefined ? run : Promise.race([run, dead]));
  if (error !== undefined) expect(ParsecError.is(error), String(error)).toBe(true);
  if (!isDead) await first.close().catch(() => undefined);
  const came = stage.end();
  await stage.network.close();
  const again = await devices.open(0, { storage: stage.storageAfter });
  await finish(again.workspace);
  await again.workspace.purge();
  await expectAll(again.workspace);
  const other = await devices.open(1);
  await other.workspace.sync();
  await expectAll(other.workspace);
  await other.close();
  await again.close();
  return came;
}
