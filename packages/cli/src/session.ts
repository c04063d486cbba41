import { hasCode } from "@parsec/base";
import { type AvailableDevice, createParsec, type Parsec, type Session, type Workspace } from "@parsec/client";
import { HumanHandle, UserId, VlobId } from "@parsec/types";
import { CommandError } from "./errors.ts";
import type { Invocation } from "./invocation.ts";
import { unlocking } from "./secrets.ts";

/** `auto` keeps a connection and hears what others do; by default the command itself asks for what it needs. */
export interface SessionMode {
  readonly sync?: "auto" | "manual";
  /** False for what this device knows by itself. True by default. */
  readonly refresh?: boolean;
}

/** Runs `work` with the SDK on the folder that the options name, and frees it. */
export async function withParsec<T>(
  invocation: Invocation,
  work: (parsec: Parsec) => Promise<T>,
  { sync = "manual" }: SessionMode = {},
): Promise<T> {
  const dir = invocation.text("dir");
  const parsec = await createParsec({ sync, ...(dir === undefined ? {} : { dir }) });
  try {
    return await work(parsec);
  } finally {
    await parsec.close();
  }
}

/** Runs `work` with the device that the options name, logged in, and logs out. */
export function withSession<T>(
  invocation: Invocation,
  work: (session: Session, parsec: Parsec, device: AvailableDevice) => Promise<T>,
  mode: SessionMode = {},
): Promise<T> {
  const { signal } = invocation;
  return withParsec(
    invocation,
    async (parsec) => {
      const device = await chooseDevice(invocation, parsec);
      const protection = await unlocking(invocation, parsec, device);
      const session = await parsec.login(device.deviceId, protection, { signal, wait: invocation.flag("wait") });
      try {
        if (mode.refresh !== false) {
          await unlessOffline(invocation, "Offline: this is what the device knows", () => session.refresh({ signal }));
        }
        return await work(session, parsec, device);
      } finally {
        await session.close();
      }
    },
    mode,
  );
}

/** Runs `work` with the workspace of the first operand. */
export function withWorkspace<T>(
  invocation: Invocation,
  work: (workspace: Workspace, session: Session) => Promise<T>,
  mode: SessionMode = {},
): Promise<T> {
  return withSession(
    invocation,
    async (session) => work(await chooseWorkspace(session, invocation.operand("workspace")), session),
    mode,
  );
}

/** Takes in what is new of the files of a workspace; without network the device shows what it has. */
export function pull(invocation: Invocation, workspace: Workspace): Promise<void> {
  const { signal } = invocation;
  return unlessOffline(invocation, "Offline: this is what the device has", () => workspace.sync({ signal }));
}

/** Brings what was changed to the server. When that fails the change is kept here, and the error says why it did not go. */
export async function push(invocation: Invocation, workspace: Workspace): Promise<void> {
  try {
    await workspace.sync({ signal: invocation.signal });
  } catch (error) {
    invocation.output.note(
      "The change is kept on this device, and not on the server yet: the next command tries again",
    );
    throw error;
  }
}

async function unlessOffline(invocation: Invocation, remark: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!hasCode(error, "OFFLINE")) throw error;
    invocation.output.note(remark);
  }
}

/** The device of that id or label, or the only one of the folder. @throws CommandError */
export async function chooseDevice(invocation: Invocation, parsec: Parsec): Promise<AvailableDevice> {
  const wanted = invocation.text("device");
  const devices = await parsec.devices();
  const found =
    wanted === undefined
      ? devices
      : devices.filter(({ deviceId, deviceLabel }) => deviceId === wanted.toLowerCase() || deviceLabel === wanted);
  const ids = new Set(found.map(({ deviceId }) => deviceId));
  if (ids.size > 1) throw new CommandError("AMBIGUOUS", "There are several such devices: give --device with an id");
  const [device] = found;
  if (device !== undefined) return device;
  throw new CommandError(
    "NO_SUCH_DEVICE",
    wanted === undefined
      ? "There is no device in this folder: choose another with --dir"
      : `There is no device ${wanted} in this folder: parsec device list shows those that are`,
  );
}

/** The workspace of that id, or the only one of that name. @throws CommandError */
export async function chooseWorkspace(session: Session, nameOrId: string): Promise<Workspace> {
  const id = VlobId.parse(nameOrId);
  const list = session.workspaces.list();
  if (id !== undefined && list.some((info) => info.id === id)) return session.workspaces.get(id);
  const [found, ...others] = list.filter(({ name }) => name === nameOrId);
  if (found === undefined) {
    throw new CommandError("NO_SUCH_WORKSPACE", `There is no workspace ${nameOrId}: parsec workspace list shows them`);
  }
  if (others.length > 0) {
    throw new CommandError("AMBIGUOUS", `Several workspaces have the name ${nameOrId}: give the id`);
  }
  return session.workspaces.get(found.id);
}

/** The user of that id, or the one who is not revoked and has that e-mail address. @throws CommandError */
export function chooseUser(session: Session, emailOrId: string): UserId {
  const id = UserId.parse(emailOrId);
  const user =
    id === undefined
      ? session.users.list({ skipRevoked: true }).find(({ humanHandle }) => humanHandle.email === emailOrId)
      : session.users.get(id);
  if (user !== undefined) return user.id;
  throw new CommandError("NO_SUCH_USER", `There is no user ${emailOrId}: parsec user list shows them`);
}

/** Who somebody is, for people. */
export function personOf(session: Session, id: UserId): string {
  const user = session.users.get(id);
  return user === undefined ? id : HumanHandle.display(user.humanHandle);
}
