import { createParsec, type ParsecOptions, type Session, type Workspace } from "@parsec/client";
import { memoryDeviceStore } from "@parsec/device";
import type { RunningServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import type { LocalDevice } from "@parsec/types";
import coolorg from "../vectors/organizations/coolorg.json" with { type: "json" };
import { type LoadableDump, type LoadedOrganization, loadDump, localDevice } from "./loaded-dump.ts";

/** An open device, its first workspace, and the way to free all that it took. */
export interface OpenDevice {
  readonly session: Session;
  readonly workspace: Workspace;
  close(): Promise<void>;
}

/** A fresh organization whose devices are opened, closed and opened again one by one. */
export class LooseDevices {
  readonly #dump: LoadableDump;
  readonly #organization: LoadedOrganization;

  private constructor(dump: LoadableDump, organization: LoadedOrganization) {
    this.#dump = dump;
    this.#organization = organization;
  }

  static async load(server: Pick<RunningServer, "url">): Promise<LooseDevices> {
    return new LooseDevices(coolorg, await loadDump(server.url, coolorg));
  }

  /** One of Alice's devices, with its keys. */
  device(index: number): LocalDevice {
    return localDevice(this.#dump, "Alice", this.#organization, index);
  }

  /** Logs in as one of Alice's devices, on these ports; syncs only when asked to, unless told otherwise. */
  async open(index: number, ports: ParsecOptions = {}): Promise<OpenDevice> {
    const parsec = await createParsec({
      deviceStore: memoryDeviceStore(),
      storage: memoryDriver(),
      sync: "manual",
      ...ports,
    });
    const session = await parsec.login(this.device(index));
    await session.refresh();
    const [workspace] = await session.workspaces.find("wksp1");
    if (workspace === undefined) throw new Error("no workspace wksp1");
    return {
      session,
      workspace,
      close: async () => {
        await session.close();
        await parsec.close();
      },
    };
  }
}
