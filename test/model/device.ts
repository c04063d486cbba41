import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ParsecError } from "@parsec/base";
import { createParsec, type Parsec, type Session, type Workspace } from "@parsec/client";
import { createTransport, OfflineError, type Transport } from "@parsec/connection";
import { memoryDeviceStore } from "@parsec/device";
import { platformDriver, type StrictDriver, strictDriver } from "@parsec/storage";
import type { LocalDevice, VlobId } from "@parsec/types";

/** Between a device and the server: can be cut, and can lose replies. */
class Line {
  isCut = false;
  repliesToLose = 0;
  /** Commands sent, by path. */
  sent = 0;
  readonly #transport = createTransport();

  readonly transport: Transport = {
    request: async (request, cancellation) => {
      if (this.isCut) throw new OfflineError("the line is cut");
      this.sent += 1;
      const response = await this.#transport.request(request, cancellation);
      if (this.repliesToLose === 0) return response;
      this.repliesToLose -= 1;
      for await (const _ of response.body) {
        // Read to its end: the command was executed.
      }
      throw new OfflineError("the reply is lost");
    },
    close: () => this.#transport.close(),
  };
}

/** A file or a folder, as one device shows it. */
export interface Shown {
  readonly path: string;
  readonly kind: string;
  readonly id: VlobId;
  readonly size: number;
}

/** One device of the story: a data folder, a line to the server, a process that comes and goes. */
export class ModelDevice {
  readonly line = new Line();
  readonly #dir: string;
  readonly #device: LocalDevice;
  readonly #realmId: VlobId;
  readonly #driver: StrictDriver;
  #parsec: Parsec | undefined;
  #session: Session | undefined;
  /** Contents that a sync has not taken to the server yet, by size. */
  unsent = new Set<number>();
  #backup: { readonly unsent: ReadonlySet<number> } | undefined;

  constructor(dir: string, device: LocalDevice, realmId: VlobId) {
    this.#dir = dir;
    this.#device = device;
    this.#realmId = realmId;
    this.#driver = strictDriver(platformDriver(join(dir, "data")));
  }

  async start(): Promise<void> {
    this.#driver.plan();
    const { transport } = this.line;
    this.#parsec = await createParsec({
      deviceStore: memoryDeviceStore(),
      storage: this.#driver,
      transport,
      sync: "manual",
    });
    this.#session = await this.#parsec.login(this.#device);
    await this.refresh();
  }

  /** Takes in certificates and the list of workspaces when the server is there. */
  async refresh(): Promise<void> {
    await expected(this.session.refresh());
  }

  get session(): Session {
    if (this.#session === undefined) throw new Error("the device is not started");
    return this.#session;
  }

  /** `undefined` while the person has no access, and when the storage cannot be opened. */
  async workspace(): Promise<Workspace | undefined> {
    const isListed = this.session.workspaces.list().some(({ id }) => id === this.#realmId);
    if (!isListed) return undefined;
    let workspace: Workspace | undefined;
    await expected(
      this.session.workspaces.get(this.#realmId).then((opened) => {
        workspace = opened;
      }),
    );
    return workspace;
  }

  async stop(): Promise<void> {
    const [session, parsec] = [this.#session, this.#parsec];
    this.#session = undefined;
    this.#parsec = undefined;
    // A process that died cannot close in peace.
    await expected(session?.close());
    await parsec?.close();
  }

  /** Runs `during` in a process that dies at its k-th write; then the device starts again. */
  async die(atWrite: number, during: () => Promise<void>): Promise<void> {
    this.#driver.plan({ dieAtWrite: atWrite, storedBeforeDeath: atWrite % 2 === 0 });
    await during();
    this.#driver.plan({ dieAtWrite: 1 });
    await this.stop();
    await this.start();
  }

  get #data(): string {
    return join(this.#dir, "data");
  }

  get #copy(): string {
    return join(this.#dir, "copy");
  }

  async backup(): Promise<void> {
    await this.stop();
    rmSync(this.#copy, { recursive: true, force: true });
    if (existsSync(this.#data)) cpSync(this.#data, this.#copy, { recursive: true });
    this.#backup = { unsent: new Set(this.unsent) };
    await this.start();
  }

  /** Gives the contents that are gone with the data of today. */
  async restore(): Promise<readonly number[]> {
    const backup = this.#backup;
    if (backup === undefined) return [];
    await this.stop();
    rmSync(this.#data, { recursive: true, force: true });
    cpSync(this.#copy, this.#data, { recursive: true });
    const lost = [...this.unsent].filter((size) => !backup.unsent.has(size));
    this.unsent = new Set(backup.unsent);
    await this.start();
    return lost;
  }

  /** The whole tree; `undefined` when the device cannot know all of it now. */
  async tree(): Promise<readonly Shown[] | undefined> {
    const workspace = await this.workspace();
    if (workspace === undefined) return undefined;
    const shown: Shown[] = [];
    const visit = async (folder: string): Promise<void> => {
      for await (const entry of workspace.list(folder === "" ? "/" : folder)) {
        const { name, kind, id } = entry;
        const path = `${folder}/${name}`;
        // Nothing is damaged in a story.
        if (kind === "damaged") throw entry.error;
        shown.push({ path, kind, id, size: entry.size });
        if (kind === "folder") await visit(path);
      }
    };
    return (await expected(visit(""))) === "refused" ? undefined : shown;
  }
}

/** Waits for what may be refused: any typed error but a bug. */
export async function expected(work: Promise<unknown> | undefined): Promise<"done" | "refused"> {
  try {
    await work;
    return "done";
  } catch (error) {
    if (!ParsecError.is(error) && !isAbort(error)) throw error;
    if (ParsecError.is(error) && error.code === "BUG") throw error;
    return "refused";
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
