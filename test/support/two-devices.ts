import { createParsec, type ParsecOptions, type Session, type Workspace } from "@parsec/client";
import { memoryDeviceStore } from "@parsec/device";
import type { RunningServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { loadDump, localDevice, readDump } from "./organization-dump.ts";

export { names, pattern, readAll, readText } from "./workspace-content.ts";

/** A logged-in device of a loaded organization, and the way to free all that it took. */
export interface Actor {
  readonly session: Session;
  close(): Promise<void>;
}

/** One session each for the given devices (label of the user, index of the device) of a fresh copy of `coolorg`. */
export async function actors(
  server: RunningServer,
  who: readonly (readonly [label: string, device: number])[],
  options: ParsecOptions = {},
): Promise<readonly Actor[]> {
  const dump = readDump("coolorg.json");
  const organization = await loadDump(server.url, dump);
  return Promise.all(
    who.map(async ([label, device]) => {
      const ports = { deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" as const };
      const parsec = await createParsec({ ...ports, ...options });
      const session = await parsec.login(localDevice(dump, label, organization, device));
      await session.refresh();
      return {
        session,
        close: async () => {
          await session.close();
          await parsec.close();
        },
      };
    }),
  );
}

/** The workspace of that name, which must be the only one. */
export async function workspaceOf({ session }: Actor, name = "wksp1"): Promise<Workspace> {
  const [workspace, ...others] = await session.workspaces.find(name);
  if (workspace === undefined || others.length > 0) throw new Error(`not one workspace ${name}`);
  return workspace;
}
