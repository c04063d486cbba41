import { ready } from "@parsec/crypto";
import { blockCreate } from "@parsec/protocol";
import { BlockId } from "@parsec/types";
import { afterEach, beforeAll, expect, test } from "vitest";
import { type RunningServer, startServer } from "../../src/index.ts";
import { BlockLoad } from "../support/block-load.ts";
import { Load } from "../support/load.ts";
import { newBucket, s3Config, s3Text, swiftConfig, swiftText } from "../support/object-stores.ts";
import { SwiftService } from "../support/swift-service.ts";

beforeAll(() => ready());

let service: SwiftService | undefined;
let server: RunningServer | undefined;
afterEach(async () => {
  await server?.close();
  await service?.stop();
});

test("an object store that is killed under load loses no block that was acknowledged, and is found again", async () => {
  service = await SwiftService.start();
  const { address } = service;
  const [bucket, container] = [await newBucket(address), await newBucket(address)];
  const nodes = [s3Text(s3Config(bucket, address)), swiftText(swiftConfig(container, address))];
  server = await startServer({ dev: true, blocks: nodes.map((node, index) => `raid1:${index}:${node}`) });
  const prepared = await Load.prepare([server.url]);
  const load = new BlockLoad(prepared);
  const write = async (isEnough: () => boolean) => {
    await Promise.all(
      [1, 2].map(async () => {
        while (!isEnough()) await load.create();
      }),
    );
  };
  await write(() => load.acknowledged.size >= 10);
  let goal = Number.POSITIVE_INFINITY;
  const writing = write(() => load.acknowledged.size >= goal);
  await service.kill();
  // Who asks meanwhile is told so.
  const view = prepared.view(0);
  const fields = { realmId: prepared.realmId, blockId: BlockId.generate(), keyIndex: 1, block: Uint8Array.of(1) };
  expect(await view.send(view.alice, blockCreate, fields)).toMatchObject({ status: "store_unavailable" });
  await service.restart();
  goal = load.acknowledged.size + 5;
  await writing;
  await load.createRest();
  expect(await load.lost()).toEqual([]);
}, 180_000);
