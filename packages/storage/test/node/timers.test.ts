import { expect, test } from "vitest";
import { sqliteDriver } from "../../src/node/sqlite/driver.ts";
import { newChunk, startWorkspace } from "../support/fixtures.ts";
import { temporaryFolder } from "../support/folder.ts";

test("timers fire while SQLite works on this thread, one call after the other", async () => {
  const { store, storage } = await startWorkspace({ driver: sqliteDriver({ dir: await temporaryFolder() }) });
  const chunks = Array.from({ length: 20 }, () => newChunk(60_000));
  let fired = 0;
  const timer = setInterval(() => {
    fired += 1;
  }, 1);
  // Until it has fired a few times: promises alone would never let it.
  for (let round = 0; fired < 3; round += 1) {
    expect(round).toBeLessThan(1000);
    await store.setChunks(chunks);
    for (const { id } of chunks) await store.getChunk(id);
    await store.moveSentChunksToBlocks(chunks.map(({ id }) => id));
  }
  clearInterval(timer);
  await storage.close();
});
