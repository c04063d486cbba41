import { HashDigest, ready, SecretKey } from "@parsec/crypto";
import type { VlobItem } from "@parsec/protocol";
import { BlockId, DateTime, type FileManifest, sealManifest, VlobId } from "@parsec/types";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { WorkspaceContext } from "../../src/workspace/context.ts";
import { fetchBlock } from "../../src/workspace/remote/fetch-block.ts";
import { fetchLatest } from "../../src/workspace/remote/fetch-manifest.ts";
import { role, Stage } from "../support/certificates.ts";
import { file } from "./support/memory-tree.ts";

// What a member who knows the keys may give the server, and what becomes of it here.

beforeAll(() => ready());

const id = VlobId.generate();
let stage: Stage;
let key: SecretKey;

beforeEach(() => {
  stage = new Stage();
  key = SecretKey.generate();
  stage.add(stage.alice, 1, role(stage.realmId, stage.alice, "OWNER"));
});

/** A workspace whose server gives these replies, by command. */
function contextOf(replies: Readonly<Record<string, (fields: object) => object>>): WorkspaceContext {
  const send = async ({ name }: { readonly name: string }, fields: object) => ({
    status: "ok",
    neededCommonCertificateTimestamp: stage.at(0),
    neededRealmCertificateTimestamp: stage.at(1),
    ...replies[name]?.(fields),
  });
  const session = {
    connection: { send },
    certificates: { require: async () => stage.index },
    realmKeys: { forDecryption: async () => key },
  };
  return { session, realmId: stage.realmId } as unknown as WorkspaceContext;
}

/** A version of the file by alice; `name` stands for its content. */
function version(number: number, changes: Partial<FileManifest> = {}): VlobItem {
  const { deviceId: author, signingKey } = stage.alice;
  const { base } = file(id, stage.realmId, { version: number, author, timestamp: stage.at(number) });
  const manifest = { ...base, ...changes };
  return [id, 1, author, number, manifest.timestamp, sealManifest(key, signingKey, manifest)];
}

const damaged = (item: VlobItem): VlobItem => [item[0], item[1], item[2], item[3], item[4], new Uint8Array(100)];

describe("the latest version of an entry", () => {
  /** Versions 2 to `latest`, of which only these are valid. */
  async function latestOf(latest: number, valid: readonly number[], known: number) {
    const asked: number[] = [];
    const give = (number: number) => (valid.includes(number) ? version(number) : damaged(version(number)));
    const context = contextOf({
      vlob_read_batch: () => ({ items: [give(latest)] }),
      vlob_read_versions: (fields) => {
        const items: unknown = Reflect.get(fields, "items");
        const [[, number]] = items as readonly [readonly [VlobId, number]];
        asked.push(number);
        return { items: [give(number)] };
      },
    });
    const { manifest, latestVersion } = await fetchLatest(context, id, known);
    return { asked, latestVersion, version: manifest?.version, timestamp: manifest?.timestamp };
  }

  test("is given as it is when it is valid", async () => {
    expect(await latestOf(5, [5], 2)).toEqual({ asked: [], latestVersion: 5, version: 5, timestamp: stage.at(5) });
  });

  test("is the last valid one that is newer than the known one, under the latest number", async () => {
    const expected = { latestVersion: 6, version: 6 };
    expect(await latestOf(6, [4, 3], 2)).toEqual({ ...expected, asked: [5, 4], timestamp: stage.at(4) });
    expect(await latestOf(6, [3], 2)).toEqual({ ...expected, asked: [5, 4, 3], timestamp: stage.at(3) });
  });

  test("is the known one when no newer one is valid: that one is not asked for again", async () => {
    const none = { latestVersion: 6, version: undefined, timestamp: undefined };
    expect(await latestOf(6, [2, 1], 2)).toEqual({ ...none, asked: [5, 4, 3] });
  });

  test("may have been written in the very microsecond in which its author was made, and not before", async () => {
    stage = new Stage();
    const at = stage.alice.device.timestamp;
    stage.add(stage.alice, at - stage.at(0), role(stage.realmId, stage.alice, "OWNER"));
    const read = (timestamp: DateTime) =>
      fetchLatest(contextOf({ vlob_read_batch: () => ({ items: [version(2, { timestamp })] }) }), id, 1);
    expect((await read(at)).manifest).toMatchObject({ timestamp: at });
    expect((await read(DateTime.fromMicros(at - 1))).manifest).toBeUndefined();
  });
});

test("a block of which the manifest says another size is refused, though its digest is right", async () => {
  const data = new Uint8Array(100);
  const access = { id: BlockId.generate(), offset: 0, digest: HashDigest.of(data) };
  const context = contextOf({ block_read: () => ({ keyIndex: 1, block: key.encrypt(data) }) });
  expect(await fetchBlock(context, { ...access, size: 100 })).toEqual(data);
  for (const size of [99, 101]) {
    await expect(fetchBlock(context, { ...access, size })).rejects.toMatchObject({ reason: "SIZE_MISMATCH" });
  }
});
