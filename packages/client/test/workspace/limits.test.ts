import { HashDigest, ready, SecretKey, SigningKey } from "@parsec/crypto";
import { requestBodyLimit, vlobUpdate } from "@parsec/protocol";
import {
  BlockId,
  DateTime,
  DeviceId,
  defaultBlocksize,
  encode,
  type FileManifest,
  newLocalFileManifest,
  sealManifest,
  VlobId,
} from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import { maxBlocksPerFile, maxFileSize } from "../../src/workspace/content/limits.ts";
import { resize } from "../../src/workspace/file/resize.ts";
import { writeAt } from "../../src/workspace/file/write.ts";

beforeAll(() => ready());

/** The request that uploads a file of so many whole blocks, with every other field at its largest. */
function requestSize(blocks: number): number {
  const late = DateTime.fromMicros(Number.MAX_SAFE_INTEGER);
  const digest = HashDigest.of(new Uint8Array());
  const manifest: FileManifest = {
    type: "file_manifest",
    author: DeviceId.generate(),
    timestamp: late,
    id: VlobId.generate(),
    parent: VlobId.generate(),
    version: 0xffff_ffff,
    created: late,
    updated: late,
    size: blocks * defaultBlocksize,
    blocksize: defaultBlocksize,
    blocks: Array.from({ length: blocks }, (_, index) => ({
      id: BlockId.generate(),
      offset: index * defaultBlocksize,
      size: defaultBlocksize,
      digest,
    })),
    origin: { type: "CRYPTPAD", channelId: "c".repeat(100), timestamp: late },
  };
  const blob = sealManifest(SecretKey.generate(), SigningKey.generate(), manifest);
  const request = {
    cmd: "vlob_update",
    realmId: VlobId.generate(),
    vlobId: VlobId.generate(),
    keyIndex: Number.MAX_SAFE_INTEGER,
    timestamp: late,
    version: 0xffff_ffff,
    blob,
  } as const;
  return encode(vlobUpdate.request, request).length;
}

describe("the largest file", () => {
  test("has a manifest that the server takes", () => {
    expect(requestSize(maxBlocksPerFile)).toBeLessThanOrEqual(requestBodyLimit);
  });

  test("is not far below what the server takes", () => {
    expect(requestSize(Math.ceil(maxBlocksPerFile * 1.05))).toBeGreaterThan(requestBodyLimit);
    expect(maxFileSize).toBe(maxBlocksPerFile * defaultBlocksize);
  });
});

describe("what would be larger than the largest file", () => {
  const time = DateTime.fromMicros(1);
  const file = newLocalFileManifest(DeviceId.generate(), VlobId.generate(), time);
  const small = { ...file, blocksize: 512 };
  const refused = expect.objectContaining({ code: "FILE_TOO_LARGE", entryId: file.base.id });

  test.each([file, small])("is refused before anything is made of it: slots of $blocksize bytes", (manifest) => {
    const largest = maxBlocksPerFile * manifest.blocksize;
    expect(() => writeAt(manifest, { offset: largest, size: 1, time })).toThrow(refused);
    expect(() => writeAt(manifest, { offset: Number.MAX_SAFE_INTEGER - 1, size: 1, time })).toThrow(refused);
    expect(() => resize(manifest, largest + 1, time)).toThrow(refused);
    expect(resize(manifest, largest, time).manifest.size).toBe(largest);
    expect(writeAt(manifest, { offset: largest - 1, size: 1, time }).newChunks).toHaveLength(1);
  });

  test("that another client made can be cut, and read", () => {
    const huge = { ...small, size: 2 * maxFileSize };
    expect(resize(huge, 7, time).manifest.size).toBe(7);
  });
});
