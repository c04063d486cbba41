import { sqliteDriver } from "../../src/node/sqlite/driver.ts";
import { watchedSqlite } from "./watched-sqlite.ts";
import { openAll, steps, workDeviceId } from "./workload.ts";

// Does the steps of the workload, says which are done, and kills itself before the k-th statement after the opening.

const [dir = "", fatal = ""] = process.argv.slice(2);
let left = Number.POSITIVE_INFINITY;
const loaders = watchedSqlite(() => {
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
});
const device = await sqliteDriver({ dir, loaders }).openDevice(workDeviceId);
const opened = await openAll(device);
left = Number(fatal);
for (const [index, step] of steps.entries()) {
  await step(opened);
  process.stdout.write(`done ${index}\n`);
}
left = Number.POSITIVE_INFINITY;
await device.close();
