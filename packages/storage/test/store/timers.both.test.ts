import { expect, test } from "vitest";
import { memoryDriver } from "../../src/index.ts";
import { newChunk, startWorkspace } from "../support/fixtures.ts";

test("timers fire while content in memory is stored and read, one call after the other", async () => {
  const { store } = await startWorkspace({ driver: memoryDriver() });
  const chunks = Array.from({ length: 40 }, () => newChunk(60_000));
  let fired = 0;
  const timer = setInterval(() => {
    fired += 1;
  }, 1);
  // Until it has fired a few times: promises alone would never let it.
  for (let round = 0; fired < 3; round += 1) {
    expect(round).toBeLessThan(1000);
    await store.setChunks(chunks);
    for (const { id } of chunks) await store.getChunk(id);
  }
  clearInterval(timer);
});
