// Logs in, imports a folder and synchronizes it, and kills itself without warning at the n-th write to the disk or
// request to the server. Arguments: folder of the person, device id, folder to import, step (one that never comes kills
// nobody).
import { localTree } from "@parsec/cli";
import { createParsec, password } from "@parsec/client";
import { createTransport, type Transport } from "@parsec/connection";
import { platformDriver, type StorageDriver, type WorkspaceDatabase } from "@parsec/storage";
import { DeviceId } from "@parsec/types";

const [dir = "", id = "", source = "", fatal = "0"] = process.argv.slice(2);
let step = 0;

/** Before and after what `run` does there is a step each. */
async function mortal<T>(run: () => Promise<T>): Promise<T> {
  dieIfDue();
  const result = await run();
  dieIfDue();
  return result;
}

function dieIfDue(): void {
  step += 1;
  if (step === Number(fatal)) process.kill(process.pid, "SIGKILL");
}

function mortalTransport(transport: Transport): Transport {
  return {
    request: (request, options) => mortal(() => transport.request(request, options)),
    close: () => transport.close(),
  };
}

/** Only what a workspace writes counts. */
function mortalDriver(driver: StorageDriver): StorageDriver {
  return {
    check: () => driver.check(),
    removeDevice: (deviceId) => driver.removeDevice(deviceId),
    openDevice: async (deviceId, options) => {
      const databases = await driver.openDevice(deviceId, options);
      const openWorkspace = databases.openWorkspace.bind(databases);
      databases.openWorkspace = async (realmId) => mortalWorkspace(await openWorkspace(realmId));
      return databases;
    },
  };
}

function mortalWorkspace(database: WorkspaceDatabase): WorkspaceDatabase {
  const apply = database.apply.bind(database);
  const moveChunksToBlocks = database.moveChunksToBlocks.bind(database);
  database.apply = (writes) => mortal(() => apply(writes));
  database.moveChunksToBlocks = (...args) => mortal(() => moveChunksToBlocks(...args));
  return database;
}

const parsec = await createParsec({
  dir,
  storage: mortalDriver(platformDriver(`${dir}/data`)),
  transport: mortalTransport(createTransport()),
  sync: "manual",
});
const deviceId = DeviceId.parse(id);
if (deviceId === undefined) throw new Error("not a device id");
const session = await parsec.login(deviceId, password("P@ss"));
const [workspace] = await session.workspaces.find("Docs");
if (workspace === undefined) throw new Error("no workspace");
step = 0;
await workspace.import(localTree(source), "/");
await workspace.sync();
await session.close();
process.stdout.write(`done after ${step} steps`);
process.exit(0);
