import { randomBytes, systemClock } from "@parsec/base";
import { BlockId, OrganizationId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import { contentOf, readBlock } from "../../src/block-store/content.ts";
import { MemoryBlockStore } from "../../src/block-store/memory.ts";
import { Raid1BlockStore } from "../../src/block-store/raid/raid1.ts";
import { Raid5BlockStore } from "../../src/block-store/raid/raid5.ts";
import { S3BlockStore } from "../../src/block-store/s3.ts";
import { SwiftBlockStore } from "../../src/block-store/swift/swift-store.ts";
import { blockStoreContract, newKey } from "../support/block-store-contract.ts";
import { newBucket, s3Config, swiftConfig } from "../support/object-stores.ts";

const openS3 = async () => await S3BlockStore.open(s3Config(await newBucket()));
const openSwift = async () => await SwiftBlockStore.open(swiftConfig(await newBucket()));

blockStoreContract("S3", openS3);
blockStoreContract("Swift", openSwift);

test("an object has the official server's name, and is the block and nothing else: both ways see the same", async () => {
  const bucket = await newBucket();
  const [s3, swift] = [await S3BlockStore.open(s3Config(bucket)), await SwiftBlockStore.open(swiftConfig(bucket))];
  const blockId = BlockId.parse("0123456789abcdef0123456789abcdef") ?? BlockId.generate();
  const organizationId = OrganizationId.parse("Été-2");
  const [key, block] = [newKey({ organizationId, blockId }), randomBytes(1000)];
  await s3.put(key, block);
  expect(await readBlock(swift, key, contentOf(block))).toEqual(block);
  const { GetObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
  const { endpoint, region, key: accessKeyId, secret: secretAccessKey } = s3Config(bucket);
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint: endpoint ?? "", region, credentials, forcePathStyle: true });
  const name = "Été-2/01234567-89ab-cdef-0123-456789abcdef";
  const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: name }));
  expect(await body?.transformToByteArray()).toEqual(block);
  const other = randomBytes(10);
  await swift.put(key, other);
  expect(await readBlock(s3, key, contentOf(other))).toEqual(other);
  client.destroy();
  await Promise.all([s3.close(), swift.close()]);
});

describe("at the start", () => {
  test.each([
    ["the secret", { secret: "wrong" }],
    ["the key", { key: "test:nobody" }],
    ["the bucket", { bucket: "no-such-bucket" }],
    ["the endpoint", { endpoint: "http://127.0.0.1:9" }],
  ])("S3: what is wrong with %s is told, without secrets", async (_what, changes) => {
    const config = { ...s3Config(await newBucket()), ...changes };
    await expect(S3BlockStore.open(config)).rejects.toMatchObject({
      code: "BLOCK_STORE_FAILED",
      message: expect.stringMatching(/^The bucket of the block store cannot be used \(\w+\): check endpoint, region/),
    });
  });

  test.each([
    ["the password", { password: "wrong" }, /login of the block store was refused \(HTTP 401\)/],
    ["the user", { user: "nobody" }, /login of the block store was refused \(HTTP 401\)/],
    ["the tenant", { tenant: "nowhere" }, /login of the block store was refused \(HTTP 401\)/],
    ["the container", { container: "no-such-container" }, /container of the block store does not exist: create it/],
    ["the address", { authUrl: "http://127.0.0.1:9" }, /did not do it \(ECONNREFUSED\)/],
  ])("Swift: what is wrong with %s is told, without secrets", async (_what, changes, message) => {
    const config = { ...swiftConfig(await newBucket()), ...changes };
    await expect(SwiftBlockStore.open(config)).rejects.toMatchObject({ code: "BLOCK_STORE_FAILED", message });
  });
});

test("a RAID over both, and memory, reads when a bucket has lost its objects", async () => {
  const [bucket, other] = [await newBucket(), await newBucket()];
  const nodes = [
    await S3BlockStore.open(s3Config(bucket)),
    await SwiftBlockStore.open(swiftConfig(other)),
    new MemoryBlockStore(),
  ];
  for (const raid of [new Raid1BlockStore(nodes), new Raid5BlockStore(nodes, systemClock)]) {
    expect(raid.keying).toBe("organization");
    for (const lost of nodes) {
      const [key, block] = [newKey(), randomBytes(5000)];
      await raid.put(key, block);
      await lost.delete(key);
      expect(await readBlock(raid, key, contentOf(block))).toEqual(block);
    }
  }
  await Promise.all(nodes.map((node) => node.close()));
});
