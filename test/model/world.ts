import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Workspace } from "@parsec/client";
import type { RunningServer } from "@parsec/server";
import { type LocalDevice, VlobId } from "@parsec/types";
import { loadDump, localDevice, readDump } from "../support/organization-dump.ts";
import { readAll } from "../support/two-devices.ts";
import { type Content, type ContentKey, Contents, keyOf } from "./contents.ts";
import { expected, ModelDevice, type SeenContents, type Shown } from "./device.ts";
import { checkQuiet, countUploads, workspaceOf } from "./quiet.ts";
import type { Place, Step, TreeAction } from "./steps.ts";
import { contentsOnServer } from "./witness.ts";

const dump = readDump("coolorg.json");
const people = [
  ["Alicey", 0],
  ["Alicey", 1],
  ["Boby", 0],
] as const;
/** The device of the one whose role changes. */
const guest = 2;
/** Rounds of sync after which honest devices must have come to rest. */
const maxRounds = 12;

/** One organization, three devices, and what must not get lost. */
export class World {
  readonly #dir = mkdtempSync(join(tmpdir(), "parsec-model-"));
  readonly #devices: readonly ModelDevice[];
  readonly #seen: SeenContents = new Map();
  readonly #contents = new Contents();
  /** Acknowledged contents that nobody removed or overwrote. */
  readonly #owed = new Set<ContentKey>();
  /** Streams that never end, let go at the end. */
  readonly #stalled: AbortController[] = [];

  readonly #realmId: VlobId;
  /** Whose keys the last look at the server has. */
  readonly #owner: LocalDevice;

  private constructor(accounts: readonly LocalDevice[], owner: LocalDevice, realmId: VlobId) {
    this.#devices = accounts.map(
      (account, i) => new ModelDevice(join(this.#dir, `${i}`), account, realmId, this.#seen),
    );
    this.#owner = owner;
    this.#realmId = realmId;
  }

  static async open(server: RunningServer): Promise<World> {
    const organization = await loadDump(server.url, dump);
    const realm = dump.expected.realms.find(({ kind }) => kind === "workspace");
    const realmId = VlobId.parse(realm?.realm_id ?? "");
    if (realmId === undefined) throw new Error("coolorg has a workspace");
    const accounts = people.map(([label, index]) => localDevice(dump, label, organization, index));
    const [owner] = accounts;
    if (owner === undefined) throw new Error("nobody is in the story");
    const world = new World(accounts, owner, realmId);
    for (const device of world.#devices) await device.start();
    await world.#setRole("MANAGER");
    return world;
  }

  async close(): Promise<void> {
    for (const stalled of this.#stalled) stalled.abort(new DOMException("The story is over", "AbortError"));
    for (const device of this.#devices) await device.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async run(step: Step): Promise<void> {
    switch (step.kind) {
      case "together":
        return this.#act(this.#device(step.device), step.actions);
      case "die":
        return this.#act(this.#device(step.device), step.actions, step.atWrite);
      case "syncAll":
        await Promise.all(this.#devices.map((device) => this.#act(device, [{ kind: "sync" }])));
        return;
      case "offline": {
        const device = this.#device(step.device);
        device.line.isCut = step.isOffline;
        if (!step.isOffline) await device.refresh();
        return;
      }
      case "loseReplies":
        this.#device(step.device).line.repliesToLose = step.count;
        return;
      case "restart": {
        const device = this.#device(step.device);
        await device.stop();
        return device.start();
      }
      case "backup":
        return this.#device(step.device).backup();
      case "restore":
        for (const content of await this.#device(step.device).restore()) this.#owed.delete(content);
        return;
      case "setRole":
        return this.#setRole(step.role);
      case "rotateKey": {
        const workspace = await this.#device(0).workspace();
        await expected(workspace?.rotateKey());
      }
    }
  }

  // --- One device at work

  /** Begins the actions at once. With `dyingAt` the process dies at that write, and the tree is looked at after its restart. */
  async #act(device: ModelDevice, actions: readonly TreeAction[], dyingAt?: number): Promise<void> {
    const workspace = await device.workspace();
    if (workspace === undefined) return;
    const before = await device.tree();
    const at = (place: Place) => pathOf(before ?? [], place);
    const targets = actions.flatMap(scopes);
    // One of several may move a content to where another removes it.
    const carried =
      targets.length === 0 ? [] : actions.flatMap((action) => (action.kind === "move" ? [action.from] : []));
    const atRisk = new Set(await this.#contentsUnder(device, [...targets, ...carried].map(at)));
    if (targets.length > 0 && actions.some(({ kind }) => kind === "sync")) {
      // What a sync brings in between may be removed at once.
      const isShownHere = contentsOf(before ?? []);
      for (const content of this.#owed) if (!isShownHere.has(content)) atRisk.add(content);
    }
    let results: readonly { written?: Content }[] = [];
    const work = async () => {
      results = await Promise.all(actions.map((action) => this.#start(device, workspace, action, at)));
    };
    if (dyingAt === undefined) await work();
    else await device.die(dyingAt, work);
    const written = results.flatMap(({ written }) => (written === undefined ? [] : [written.key]));
    const after = await device.tree();
    const isShown = contentsOf(after ?? []);
    for (const content of atRisk) if (!isShown.has(content)) this.#owed.delete(content);
    for (const result of results) {
      if (result.written === undefined) continue;
      // Two that were begun at once may have had the same path: the later one stays.
      if (results.length > 1 && after !== undefined && !isShown.has(result.written.key)) continue;
      this.#owe(device, result.written);
    }
    if (before === undefined || after === undefined) return;
    const lost = before.filter(
      ({ content }) => content !== undefined && this.#owed.has(content) && !isShown.has(content),
    );
    const missing = results.length === 1 ? written.filter((content) => !isShown.has(content)) : [];
    if (lost.length > 0 || missing.length > 0) {
      throw new Error(
        `${JSON.stringify(actions)}: ${JSON.stringify({ lost, missing })} was shown before and is not after: ${JSON.stringify(after)}`,
      );
    }
  }

  #owe(device: ModelDevice, { key }: Content): void {
    this.#owed.add(key);
    device.unsent.add(key);
  }

  /** Begins an action. What it acknowledged is what it gives. */
  async #start(
    device: ModelDevice,
    workspace: Workspace,
    action: TreeAction,
    at: (place: Place) => string,
  ): Promise<{ written?: Content }> {
    switch (action.kind) {
      case "write": {
        const content = this.#contents.make(action.size);
        const { bytes } = content;
        const path = at(action.path);
        if (action.source === "stalled") {
          const stalled = new AbortController();
          this.#stalled.push(stalled);
          void expected(workspace.writeFile(path, stalledSource(bytes), { signal: stalled.signal }));
          return {};
        }
        const source = action.source === "slow" ? slowSource(bytes) : bytes;
        return (await expected(workspace.writeFile(path, source))) === "done" ? { written: content } : {};
      }
      case "edit":
        return this.#rewrite(workspace, at(action.path), at(action.path), (before) =>
          this.#contents.edit(before, action.offset, action.length),
        );
      case "truncate":
        return this.#rewrite(workspace, at(action.path), at(action.path), (before) =>
          this.#contents.truncate(before, action.keep),
        );
      case "copy":
        return this.#rewrite(workspace, at(action.from), at(action.to), (before) =>
          this.#contents.truncate(before, before.length),
        );
      case "createFolder":
        await expected(workspace.createFolder(at(action.path)));
        return {};
      case "move":
        await expected(workspace.move(at(action.from), at(action.to), { replace: action.replace }));
        return {};
      case "remove":
        await expected(workspace.remove(at(action.path), { recursive: action.recursive }));
        return {};
      case "sync": {
        const sent = [...device.unsent];
        if ((await expected(workspace.sync())) === "done" && workspace.canWrite) {
          for (const content of sent) device.unsent.delete(content);
        }
        return {};
      }
    }
  }

  async #rewrite(
    workspace: Workspace,
    from: string,
    to: string,
    change: (before: Uint8Array) => Content,
  ): Promise<{ written?: Content }> {
    let written: Content | undefined;
    const work = async () => {
      const content = change(await readAll(workspace, from));
      await workspace.writeFile(to, content.bytes);
      written = content;
    };
    await expected(work());
    return written === undefined ? {} : { written };
  }

  /**
   * The contents that these removals and replacements may take away: what this device shows there, and what others show
   * there or in the same entry, since a sync may bring it in between.
   */
  async #contentsUnder(device: ModelDevice, tops: readonly string[]): Promise<ReadonlySet<ContentKey>> {
    if (tops.length === 0) return new Set();
    const own = await device.tree();
    const ids = new Set(own?.filter(({ path }) => tops.includes(path)).map(({ id }) => id));
    const found = new Set<ContentKey>();
    for (const other of this.#devices) {
      const tree = other === device ? own : await other.tree();
      // Whoever cannot tell what it shows may remove anything.
      if (tree === undefined && other === device) return new Set(this.#owed);
      for (const content of under(tree ?? [], tops, ids)) found.add(content);
    }
    return found;
  }

  async #setRole(role: "MANAGER" | "READER" | null): Promise<void> {
    const owner = this.#device(0);
    const workspace = await owner.workspace();
    if (workspace === undefined) return;
    const { userId } = this.#device(guest).session;
    const work = role === null ? workspace.unshare(userId) : workspace.share(userId, role);
    await expected(work);
    await this.#device(guest).refresh();
  }

  #device(index: number): ModelDevice {
    const device = this.#devices[index];
    if (device === undefined) throw new Error(`no device ${index}`);
    return device;
  }

  // --- The end

  /** Everybody honest and online until nothing moves; then the invariants. */
  async settle(): Promise<void> {
    for (const stalled of this.#stalled) stalled.abort(new DOMException("The story is over", "AbortError"));
    for (const device of this.#devices) {
      device.line.isCut = false;
      device.line.repliesToLose = 0;
    }
    await this.#setRole("MANAGER");
    for (const device of this.#devices) await device.session.refresh();
    for (let round = 1; ; round += 1) {
      let moved = 0;
      for (const device of this.#devices) moved += await this.#syncAndCountUploads(device);
      if (moved === 0) break;
      if (round === maxRounds) throw new Error(`not quiet: still ${moved} uploads in round ${round}`);
    }
    const tree = await this.#checkTrees();
    await checkQuiet(this.#devices);
    if (JSON.stringify(await this.#checkTrees()) !== JSON.stringify(tree))
      throw new Error("the trees changed by themselves");
    await this.#checkVersions(tree);
  }

  async #syncAndCountUploads(device: ModelDevice): Promise<number> {
    const workspace = await workspaceOf(device);
    const stop = countUploads(device);
    await workspace.sync();
    const left = await workspace.pendingUploads();
    if (left.entries !== 0 || left.bytes !== 0) throw new Error(`sync() resolved, and left ${JSON.stringify(left)}`);
    return stop();
  }

  /** All show the same, nothing that is owed is missing, and each content is one that somebody wrote. */
  async #checkTrees(): Promise<readonly Shown[]> {
    const [first, ...others] = await Promise.all(this.#devices.map((device) => device.tree()));
    if (first === undefined) throw new Error("the first device cannot list its tree");
    for (const other of others) {
      if (JSON.stringify(brief(other ?? [])) === JSON.stringify(brief(first))) continue;
      throw new Error(`trees differ:\n${JSON.stringify(brief(first))}\n${JSON.stringify(brief(other ?? []))}`);
    }
    const shown = contentsOf(first);
    const lost = [...this.#owed].filter((content) => !shown.has(content));
    if (lost.length > 0)
      throw new Error(`acknowledged, never removed, and gone: ${lost} of ${JSON.stringify(brief(first))}`);
    for (const device of this.#devices) {
      const workspace = await workspaceOf(device);
      for (const { path, content } of first) {
        if (content === undefined) continue;
        const read = keyOf(await readAll(workspace, path));
        if (!this.#contents.isKnown(read)) throw new Error(`${path} has a content that nobody wrote`);
        if (read !== content) throw new Error(`${path} has another content than on the device that showed it first`);
      }
    }
    return first;
  }

  /** No version without its content, and the latest has the content that is shown. */
  async #checkVersions(tree: readonly Shown[]): Promise<void> {
    const { all, latest } = await contentsOnServer(this.#owner, this.#realmId);
    if (!all.every((content) => this.#contents.isKnown(content))) {
      throw new Error("the server has a version with a content that nobody wrote");
    }
    for (const { path, id, content } of tree) {
      if (latest.get(id) === content) continue;
      throw new Error(`${path}: the server has ${latest.get(id)}, and ${content} is shown`);
    }
  }
}

function brief(tree: readonly Shown[]): readonly string[] {
  return tree.map(({ path, content }) => (content === undefined ? `${path}/` : `${path} ${content}`)).sort();
}

function contentsOf(tree: readonly Shown[]): ReadonlySet<ContentKey> {
  return new Set(tree.flatMap(({ content }) => content ?? []));
}

/** The paths whose content an action may take away. */
function scopes(action: TreeAction): readonly Place[] {
  switch (action.kind) {
    case "write":
    case "edit":
    case "truncate":
    case "remove":
      return [action.path];
    case "copy":
      return [action.to];
    case "move":
      return action.replace ? [action.to] : [];
    default:
      return [];
  }
}

function under(tree: readonly Shown[], tops: readonly string[], ids: ReadonlySet<VlobId>): readonly ContentKey[] {
  const all = [...tops, ...tree.filter(({ id }) => ids.has(id)).map(({ path }) => path)];
  return tree
    .filter(({ path }) => all.some((top) => path === top || path.startsWith(`${top}/`)))
    .flatMap(({ content }) => content ?? []);
}

function pathOf(tree: readonly Shown[], place: Place): string {
  if (place.at === "entry") return tree[place.index % Math.max(1, tree.length)]?.path ?? "/nothing";
  const folders = ["", ...tree.filter(({ kind }) => kind === "folder").map(({ path }) => path)];
  return `${folders[place.folder % folders.length]}/${place.name}`;
}

const piece = 100_000;

/** Lets others run between its pieces. */
async function* slowSource(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += piece) {
    await nextTurn();
    yield bytes.subarray(start, start + piece);
  }
}

async function* stalledSource(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield* slowSource(bytes);
  await new Promise<never>(() => undefined);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
