import { SettableClock } from "@parsec/base";
import type { Workspace } from "@parsec/client";
import { calm } from "../support/calm.ts";
import type { ModelDevice } from "./device.ts";

/** Seconds, of the clock of the story, for which all who are left to themselves must be quiet. */
const quietSeconds = 600;

/** Everybody starts again, and is left to itself: there is nothing to do, so nothing is done. */
export async function checkQuiet(devices: readonly ModelDevice[]): Promise<void> {
  const clock = new SettableClock(Date.now() * 1000);
  const isUnderWay = () => devices.some(({ line }) => line.inFlight > 0);
  const pass = async (seconds: number, isEnough: () => boolean = () => false) => {
    for (let second = 0; second < seconds && !isEnough(); second += 1) {
      await calm(isUnderWay);
      clock.advance(1000);
    }
  };
  const opened: Workspace[] = [];
  const uploads: (() => number)[] = [];
  for (const device of devices) {
    await device.stop();
    await device.start(clock);
    uploads.push(countUploads(device));
    opened.push(await workspaceOf(device));
  }
  // Engines that have not begun yet are idle, too.
  await pass(5);
  await pass(quietSeconds, () => opened.every(({ syncState }) => syncState.status === "idle"));
  const sent = () => devices.reduce((sum, { line }) => sum + line.sent, 0);
  const before = sent();
  await pass(quietSeconds);
  const [states, requests] = [opened.map(({ syncState }) => syncState.status), sent() - before];
  const uploaded = uploads.map((stop) => stop());
  if (requests > 0 || uploaded.some((count) => count > 0) || states.some((state) => state !== "idle")) {
    throw new Error(`not quiet: ${JSON.stringify({ requests, uploaded, states })}`);
  }
}

export async function workspaceOf(device: ModelDevice): Promise<Workspace> {
  const workspace = await device.workspace();
  if (workspace === undefined) throw new Error("the device has no access at the end");
  return workspace;
}

/** Counts finished uploads of entries until the returned function is called. */
export function countUploads(device: ModelDevice): () => number {
  let count = 0;
  const stop = device.session.events.on("outbound_sync_done", () => {
    count += 1;
  });
  return () => {
    stop();
    return count;
  };
}
