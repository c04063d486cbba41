import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ParsecError } from "@parsec/base";
import { localTree } from "@parsec/cli";
import { createParsec, type ImportReport, type Parsec, password, type Session, type Workspace } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { greet } from "./greeting.ts";
import { copyContent, hashOriginals, type Original, prepareDefaultContent, sha256Of } from "./originals.ts";
import { ProgressLine } from "./progress.ts";
import { Steps } from "./steps.ts";

export interface TourContext {
  /** Everything is written below this folder. */
  readonly dir: string;
  /** What to store; by default the folder `docs` and a large file. */
  readonly path: string | undefined;
  readonly docs: string;
  readonly output: NodeJS.WriteStream;
  readonly signal: AbortSignal;
}

const organization = "Acme";
const alicePassword = "correct horse battery staple";
const bobPassword = "a more than sufficiently long sentence";

/** Something is not as it was: the tour has found a bug. */
class TourError extends Error {}

/** The main job of this SDK, end to end, with two persons and a server in one process. */
export async function tour(context: TourContext): Promise<void> {
  const { dir, output, signal } = context;
  const tell = (line: string) => output.write(`${line}\n`);
  const steps = new Steps(tell);
  const server = await steps.run("Start a server in memory", () => startServer({ dev: true }));
  const people: Parsec[] = [];
  const person = async (name: string) => {
    const parsec = await createParsec({ dir: join(dir, name), sync: "manual" });
    people.push(parsec);
    return parsec;
  };
  try {
    const originals = join(dir, "originals");
    await mkdir(originals, { recursive: true });
    const content = await (context.path === undefined
      ? prepareDefaultContent(context.docs, originals)
      : copyContent(context.path, originals));
    const files = await hashOriginals(content);

    const alices = await person("alice");
    const alice = await steps.run("Alice bootstraps the organization, and gets a device file", async () =>
      alices.bootstrap(await server.createOrganization(organization), {
        human: { email: "alice@acme.test", label: "Alice" },
        deviceLabel: "laptop",
        protection: password(alicePassword),
        signal,
      }),
    );
    const workspace = await steps.run("She creates a workspace", async () => {
      const created = await alice.workspaces.create("Docs", { signal });
      await created.sync({ signal });
      return created;
    });
    const report = await importFiles(context, steps, workspace, content, files);
    await upload(context, steps, workspace, report);

    const bobs = await person("bob");
    const bobDevice = await steps.run("She invites Bob; both compare SAS codes", () =>
      greet(
        alice,
        {
          parsec: bobs,
          request: {
            human: { email: "bob@acme.test", label: "Bob" },
            deviceLabel: "phone",
            protection: password(bobPassword),
          },
        },
        tell,
      ),
    );
    await steps.run("She shares the workspace with him", async () => {
      await alice.refresh({ signal });
      await workspace.share(bobDevice.userId, "READER", { signal });
    });

    const bob = await steps.run("Bob logs in and validates every certificate", async () => {
      const session = await bobs.login(bobDevice.deviceId, password(bobPassword), { signal });
      await session.refresh({ signal });
      return session;
    });
    await steps.run(
      "He downloads the files; every SHA-256 is the original's",
      async () => checkFiles(await only(bob, "Docs"), files, report, signal),
      (bytes) => bytes,
    );
    await bob.close();

    await alice.close();
    await steps.run("Alice logs out, mistypes her password, logs in", async () => {
      await refuseWrongPassword(alices, alice, tell);
      const again = await alices.login(alice.deviceId, password(alicePassword), { signal });
      await again.close();
    });
    await writeSummary(dir, server, { alice, bob, workspace, files });
    await steps.run("The server stops", () => server.close());
    await steps.run(
      "Offline, Alice logs in and reads what her device holds",
      async () => {
        const offline = await alices.login(alice.deviceId, password(alicePassword), { signal });
        const bytes = await checkFiles(await only(offline, "Docs"), files, report, signal);
        await offline.close();
        return bytes;
      },
      (bytes) => bytes,
    );
    tell(`\n${steps.table()}`);
  } finally {
    await Promise.all(people.map((parsec) => parsec.close()));
    await server.close();
  }
}

async function importFiles(
  { output, signal }: TourContext,
  steps: Steps,
  workspace: Workspace,
  content: string,
  files: ReadonlyMap<string, Original>,
): Promise<ImportReport> {
  const total = [...files.values()].reduce((sum, { size }) => sum + size, 0);
  const line = new ProgressLine("import", output);
  const report = await steps.run(
    `She imports ${files.size} files (${(total / 1e6).toFixed(1)} MB), encrypted on her device`,
    () => workspace.import(localTree(content), "/", { signal, onProgress: (progress) => line.update(progress, total) }),
    ({ bytes }) => bytes,
  );
  line.end();
  for (const { path, reason } of report.skipped) output.write(`   left out: ${path} (${reason})\n`);
  return report;
}

async function upload(
  { output, signal }: TourContext,
  steps: Steps,
  workspace: Workspace,
  report: ImportReport,
): Promise<void> {
  const line = new ProgressLine("upload", output);
  await steps.run(
    "She uploads them: blocks encrypted, manifests signed",
    () => workspace.sync({ signal, onProgress: (progress) => line.update(progress) }),
    () => report.bytes,
  );
  line.end();
}

async function only(session: Session, name: string): Promise<Workspace> {
  const [workspace, ...others] = await session.workspaces.find(name);
  if (workspace === undefined || others.length > 0) throw new TourError(`Expected one workspace named ${name}`);
  return workspace;
}

/** Reads every imported file back, and compares. Gives the number of bytes. */
async function checkFiles(
  workspace: Workspace,
  files: ReadonlyMap<string, Original>,
  report: ImportReport,
  signal: AbortSignal,
): Promise<number> {
  const found = new Set<string>();
  let bytes = 0;
  for await (const path of filesBelow(workspace, "/", signal)) {
    const original = files.get(path);
    if (original === undefined) throw new TourError(`${path} was never imported`);
    const sha256 = await sha256Of(await workspace.readFile(path, { signal }));
    if (sha256 !== original.sha256) throw new TourError(`${path} has changed: ${sha256}, not ${original.sha256}`);
    found.add(path);
    bytes += original.size;
  }
  const missing = [...report.imported, ...report.unchanged].filter((path) => !found.has(path));
  if (missing.length > 0) throw new TourError(`Missing after the journey: ${missing.join(", ")}`);
  return bytes;
}

async function* filesBelow(
  workspace: Workspace,
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  for await (const { name, kind } of workspace.list(folder, { signal })) {
    const path = folder === "/" ? `/${name}` : `${folder}/${name}`;
    if (kind === "folder") yield* filesBelow(workspace, path, signal);
    else yield path;
  }
}

async function refuseWrongPassword(parsec: Parsec, alice: Session, tell: (line: string) => void): Promise<void> {
  try {
    await parsec.login(alice.deviceId, password("not the password"));
  } catch (error) {
    if (!ParsecError.is(error) || error.code !== "DECRYPTION_FAILED") throw error;
    tell(`   refused as it must be: ${error.code}: ${error.message}`);
    return;
  }
  throw new TourError("A wrong password has opened the device");
}

interface Summary {
  readonly alice: Session;
  readonly bob: Session;
  readonly workspace: Workspace;
  readonly files: ReadonlyMap<string, Original>;
}

/** All that one needs to look at the bytes with other tools. The passwords protect nothing but this demonstration. */
async function writeSummary(
  dir: string,
  server: RunningServer,
  { alice, bob, workspace, files }: Summary,
): Promise<void> {
  const summary = {
    server_address: server.address,
    organization_id: organization,
    persons: {
      alice: { folder: "alice", device_id: alice.deviceId, password: alicePassword },
      bob: { folder: "bob", device_id: bob.deviceId, password: bobPassword },
    },
    workspace_id: workspace.id,
    originals: "originals",
    files: [...files.values()],
  };
  await writeFile(join(dir, "tour.json"), `${JSON.stringify(summary, undefined, 2)}\n`);
}
