import { createParsec, type Parsec, password, type Session, type Workspace } from "@parsec/client";
import { DeviceId, VlobId } from "@parsec/types";
import type { Arguments } from "./arguments.ts";
import type { Shell } from "./shell.ts";
import { UsageError } from "./usage.ts";

/** Runs `work` with the SDK on the folder that the options name, and frees it. */
export async function withParsec<T>({ options }: Arguments, work: (parsec: Parsec) => Promise<T>): Promise<T> {
  const parsec = await createParsec({ sync: "manual", ...(options.dir === undefined ? {} : { dir: options.dir }) });
  try {
    return await work(parsec);
  } finally {
    await parsec.close();
  }
}

/** Runs `work` with the device that the options name, logged in, and logs out. */
export function withSession<T>(shell: Shell, args: Arguments, work: (session: Session) => Promise<T>): Promise<T> {
  return withParsec(args, async (parsec) => {
    const deviceId = await chooseDevice(parsec, args.options.device);
    const session = await parsec.login(deviceId, password(await readPassword(shell)), { signal: shell.signal });
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  });
}

export async function readPassword({ env, askPassword }: Shell): Promise<string> {
  return env["PARSEC_PASSWORD"] ?? askPassword();
}

/** The workspace of that id, or the only one of that name. @throws UsageError */
export async function chooseWorkspace(session: Session, nameOrId: string): Promise<Workspace> {
  const id = VlobId.parse(nameOrId);
  if (id !== undefined && session.workspaces.list().some((info) => info.id === id)) return session.workspaces.get(id);
  const [found, ...others] = session.workspaces.list().filter(({ name }) => name === nameOrId);
  if (found === undefined) throw new UsageError(`There is no workspace ${nameOrId}`);
  if (others.length > 0) throw new UsageError(`Several workspaces have the name ${nameOrId}: give the id`);
  return session.workspaces.get(found.id);
}

async function chooseDevice(parsec: Parsec, id: string | undefined): Promise<DeviceId> {
  if (id !== undefined) {
    const parsed = DeviceId.parse(id);
    if (parsed === undefined) throw new UsageError(`${id} is not a device id`);
    return parsed;
  }
  const [device, ...others] = await parsec.devices();
  if (device === undefined) throw new UsageError("There is no device in this folder");
  if (others.length > 0) throw new UsageError("There are several devices in this folder: give --device ID");
  return device.deviceId;
}
