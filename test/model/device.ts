import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Clock, ParsecError } from "@parsec/base";
import { createParsec, type Parsec, type Session, type Workspace } from "@parsec/client";
import { createTransport, OfflineError, type Transport, type TransportResponse } from "@parsec/connection";
import { memoryDeviceStore } from "@parsec/device";
import { platformDriver, type StrictDriver, strictDriver } from "@parsec/storage";
import type { LocalDevice, VlobId } from "@parsec/types";
import { readAll } from "../support/two-devices.ts";
import { type ContentKey, keyOf } from "./contents.ts";

/** Between a device and the server: can be cut, and can lose replies. */
class Line {
  isCut = false;
  repliesToLose = 0;
  /** Requests sent, but for the stream of events. */
  sent = 0;
  /** Of these, those whose answers are not read yet. */
  inFlight = 0;
  readonly #transport = createTransport();

  readonly transport: Transport = {
    request: async (request, cancellation) => {
      if (this.isCut) throw new OfflineError("the line is cut");
      const response = await (request.method === "GET"
        ? this.#transport.request(request, cancellation)
        : this.#counted(() => this.#transport.request(request, cancellation)));
      if (this.repliesToLose === 0) return response;
      this.repliesToLose -= 1;
      for await (const _ of response.body) {
        // Read to its end: the command was executed.
      }
      throw new OfflineError("the reply is lost");
    },
    close: () => this.#transport.close(),
  };

  async #counted(send: () => Promise<TransportResponse>): Promise<TransportResponse> {
    this.sent += 1;
    this.inFlight += 1;
    let isCounted = true;
    const end = () => {
      if (isCounted) this.inFlight -= 1;
      isCounted = false;
    };
    try {
      const response = await send();
      return {
        status: response.status,
        header: (name) => response.header(name),
        body: untilRead(response.body, end),
        discard: () => {
          end();
          response.discard();
        },
      };
    } catch (error) {
      end();
      throw error;
    }
  }
}

async function* untilRead(body: AsyncIterable<Uint8Array>, end: () => void) {
  try {
    yield* body;
  } finally {
    end();
  }
}

/**
 * What content a state of a file has, as the first device that showed it read it: by entry, date and size. The others need
 * not read it at each step; at the end they do.
 */
export type SeenContents = Map<string, ContentKey>;

/** A file or a folder, as one device shows it. */
export interface Shown {
  readonly path: string;
  readonly kind: string;
  readonly id: VlobId;
  /** What is in it; `undefined` for a folder. */
  readonly content: ContentKey | undefined;
}

interface EntryState {
  readonly id: VlobId;
  readonly updated: number;
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
  readonly #seen: SeenContents;
  /** Contents that a sync has not taken to the server yet. */
  unsent = new Set<ContentKey>();
  #backup: { readonly unsent: ReadonlySet<ContentKey> } | undefined;

  constructor(dir: string, device: LocalDevice, realmId: VlobId, seen: SeenContents) {
    this.#dir = dir;
    this.#device = device;
    this.#realmId = realmId;
    this.#seen = seen;
    this.#driver = strictDriver(platformDriver(join(dir, "data")));
  }

  /** Syncs when it is told to; with a clock by itself, as that has it. */
  async start(clock?: Clock): Promise<void> {
    this.#driver.plan();
    const { transport } = this.line;
    this.#parsec = await createParsec({
      deviceStore: memoryDeviceStore(),
      storage: this.#driver,
      transport,
      ...(clock === undefined ? { sync: "manual" } : { sync: "auto", clock }),
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
  async restore(): Promise<readonly ContentKey[]> {
    const backup = this.#backup;
    if (backup === undefined) return [];
    await this.stop();
    rmSync(this.#data, { recursive: true, force: true });
    cpSync(this.#copy, this.#data, { recursive: true });
    const lost = [...this.unsent].filter((content) => !backup.unsent.has(content));
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
        const content = kind === "folder" ? undefined : await this.#content(workspace, path, entry);
        shown.push({ path, kind, id, content });
        if (kind === "folder") await visit(path);
      }
    };
    return (await expected(visit(""))) === "refused" ? undefined : shown;
  }

  async #content(workspace: Workspace, path: string, { id, updated, size }: EntryState): Promise<ContentKey> {
    const state = `${id} ${updated} ${size}`;
    const content = this.#seen.get(state) ?? keyOf(await readAll(workspace, path));
    this.#seen.set(state, content);
    return content;
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
