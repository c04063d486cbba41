// Bootstraps an organization, and kills itself without warning at the n-th step that touches the disk or the network.
// Arguments: folder, bootstrap address, step (1 is the first; a step that never comes kills nobody).
import { createParsec, password } from "@parsec/client";
import { createTransport, type Transport } from "@parsec/connection";
import { type DeviceStore, fileDeviceStore } from "@parsec/device";
import { platformDriver, type StorageDriver } from "@parsec/storage";

const [dir = "", address = "", fatal = "0"] = process.argv.slice(2);
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

function mortalStore(store: DeviceStore): DeviceStore {
  return {
    list: (folder, extension) => store.list(folder, extension),
    read: (path) => store.read(path),
    write: (path, content) => mortal(() => store.write(path, content)),
    rename: (from, to) => mortal(() => store.rename(from, to)),
    remove: (path) => mortal(() => store.remove(path)),
  };
}

function mortalTransport(transport: Transport): Transport {
  return {
    request: (request, options) => mortal(() => transport.request(request, options)),
    close: () => transport.close(),
  };
}

function mortalDriver(driver: StorageDriver): StorageDriver {
  return {
    openDevice: (deviceId, options) => mortal(() => driver.openDevice(deviceId, options)),
    removeDevice: (deviceId) => driver.removeDevice(deviceId),
  };
}

const parsec = await createParsec({
  deviceStore: mortalStore(fileDeviceStore(`${dir}/config`)),
  storage: mortalDriver(platformDriver(`${dir}/data`)),
  transport: mortalTransport(createTransport()),
  sync: "manual",
});
const session = await parsec.bootstrap(address, {
  human: { email: "alice@example.com", label: "Alice" },
  deviceLabel: "laptop",
  protection: password("P@ss"),
});
await session.close();
process.stdout.write("done");
process.exit(0);
