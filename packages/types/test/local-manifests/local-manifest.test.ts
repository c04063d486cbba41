import { HashDigest, ready, SecretKey } from "@parsec/crypto";
import { beforeAll, describe, expect, it } from "vitest";
import * as t from "../../src/index.ts";
import { hex } from "../support/data-vectors.ts";
import { documentCodec } from "../support/documents.ts";
import { author, chunkView, fileManifest, filesystem, instant, parentId } from "../support/filesystem-vectors.ts";

beforeAll(() => ready());

const { key_hex, cases: payloads } = filesystem.local_manifest_payloads;

describe("local manifests", () => {
  it.each(payloads.filter(({ expected_error }) => expected_error === undefined))(
    "$id $title: opens, encodes to the same bytes, seals again",
    (payload) => {
      const key = SecretKey.fromBytes(hex(key_hex));
      const codec = documentCodec(payload.type) as unknown as t.Codec<t.LocalManifest>;
      const manifest = t.openLocalManifest(codec, hex(payload.encrypted_hex), key);
      expect(t.encode(codec, manifest)).toEqual(hex(payload.msgpack_hex));
      expect(t.openLocalManifest(t.LocalManifest, t.sealLocalManifest(key, manifest), key)).toEqual(manifest);
    },
  );

  it.each(payloads.filter(({ expected_error }) => expected_error !== undefined))("$id refuses: $title", (payload) => {
    const open = () => t.openLocalChildManifest(hex(payload.encrypted_hex), SecretKey.fromBytes(hex(key_hex)));
    expect(open).toThrow(expect.objectContaining({ code: "BAD_SERIALIZATION", step: "msgpack+validation" }));
  });

  it("knows a root from a child", () => {
    const key = SecretKey.generate();
    const root = t.newLocalRootManifest(author, parentId, instant(), { speculative: true });
    const child = t.newLocalFolderManifest(author, parentId, instant());
    const sealedRoot = t.sealLocalManifest(key, root);
    const sealedChild = t.sealLocalManifest(key, child);
    expect(t.openLocalWorkspaceManifest(sealedRoot, key)).toEqual(root);
    expect(t.openLocalChildManifest(sealedChild, key)).toEqual(child);
    const broken = (invariant: string) => expect.objectContaining({ code: "DATA_INTEGRITY", invariant });
    expect(() => t.openLocalChildManifest(sealedRoot, key)).toThrow(
      broken("id and parent are different for child manifest"),
    );
    expect(() => t.openLocalWorkspaceManifest(sealedChild, key)).toThrow(
      broken("id and parent are the same for root manifest"),
    );
  });

  it("carries the user manifest from one version to the next, without its workspaces", () => {
    const local = t.newLocalUserManifest(author, instant(), { speculative: false });
    const remote = t.localUserManifestToRemote({ ...local, updated: instant("t2") }, author, instant("t3"));
    expect(remote).toMatchObject({ id: local.base.id, version: 1, created: instant(), updated: instant("t2") });
    const again = t.localUserManifestFromRemote(remote);
    expect(again).toMatchObject({ base: remote, needSync: false, localWorkspaces: [], speculative: false });
  });
});

describe("chunk views", () => {
  it.each(filesystem.chunk_is_block)("$start..$stop of $raw_offset + $raw_size", (view) => {
    expect([t.isAligned(chunkView(view)), t.isBlock(chunkView(view))]).toEqual([view.aligned, view.is_block]);
  });

  it("become blocks under the same id, once and whole", () => {
    const view = t.newChunkView(10, 30);
    const digest = HashDigest.of(new Uint8Array(20));
    const block = t.promoteAsBlock(view, digest);
    expect(block.access).toEqual({ id: t.blockIdOfChunk(view.id), offset: 10, size: 20, digest });
    expect(t.isBlock(block)).toBe(true);
    expect(t.chunkViewOfBlock(block.access)).toEqual(block);
    expect(t.isBlock({ ...block, access: { ...block.access, offset: 11 } })).toBe(false);
    const error = (code: string) => expect.objectContaining({ code });
    expect(() => t.promoteAsBlock(block, digest)).toThrow(error("ALREADY_PROMOTED_AS_BLOCK"));
    expect(() => t.promoteAsBlock({ ...view, stop: 29 }, digest)).toThrow(error("NOT_ALIGNED"));
  });
});

describe("file manifests", () => {
  const isValid = (run: () => unknown) => {
    try {
      run();
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: "DATA_INTEGRITY" });
      return false;
    }
  };

  it.each(filesystem.remote_file_integrity)("remote integrity: $title", (state) => {
    expect(isValid(() => t.dump(t.FileManifest, fileManifest(state)))).toBe(state.valid);
  });

  it.each(filesystem.local_file_integrity)("local integrity: $title", (state) => {
    const { size, blocksize, slots = [] } = state;
    const local = t.newLocalFileManifest(author, parentId, instant());
    const manifest = { ...local, size, blocksize, blocks: slots.map((views) => views.map(chunkView)) };
    expect(isValid(() => t.dump(t.LocalFileManifest, manifest))).toBe(state.valid);
  });

  it.each(filesystem.file_from_remote_slots)("slots from remote, and back: $title", (state) => {
    const remote = fileManifest(state);
    const local = t.localFileManifestFromRemote(remote);
    const shown = local.blocks.map((views) =>
      views.map(({ id, start, stop, rawOffset, rawSize }) => ({ id, start, stop, rawOffset, rawSize })),
    );
    const expected = (state.slots ?? []).map((views) =>
      views.map((view) => {
        const { id, start, stop, rawOffset, rawSize } = chunkView(view);
        return { id, start, stop, rawOffset, rawSize };
      }),
    );
    expect(shown).toEqual(expected);
    expect(t.isReshaped(local)).toBe(true);
    const next = t.localFileManifestToRemote(local, author, instant("t7"));
    expect(next).toEqual({ ...remote, version: 4, timestamp: instant("t7") });
  });

  it.each([
    ["a chunk", () => [t.newChunkView(0, 30)]],
    [
      "a block with more behind it",
      () => [t.promoteAsBlock(t.newChunkView(0, 20), HashDigest.fromBytes(new Uint8Array(32))), t.newChunkView(20, 30)],
    ],
  ])("are uploaded in whole blocks only, not as %s", (_, views) => {
    const local = t.newLocalFileManifest(author, parentId, instant());
    const written = { ...local, size: 30, blocks: [views()] };
    expect(t.isReshaped(written)).toBe(false);
    const upload = () => t.localFileManifestToRemote(written, author, instant());
    expect(upload).toThrow(expect.objectContaining({ code: "NEED_RESHAPE" }));
  });

  it("do not fill the memory with slots for a block that lies far away", () => {
    const blocks = [{ offset: 2 ** 52, size: 8 }];
    const far = fileManifest({ title: "", blocksize: 8, size: 2 ** 53 - 1, blocks });
    expect(() => t.localFileManifestFromRemote(far)).toThrow(expect.objectContaining({ code: "DATA_INTEGRITY" }));
  });
});
