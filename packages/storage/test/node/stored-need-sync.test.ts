import { VlobId } from "@parsec/types";
import { expect, test } from "vitest";
import type { SqlRow } from "../../src/node/sqlite/connection.ts";
import type { SqliteFile } from "../../src/node/sqlite/file.ts";
import { StoredNeedSync } from "../../src/node/sqlite/stored-need-sync.ts";
import { idBytes } from "../../src/node/sqlite/values.ts";

test("a table that could not be read is read when it is asked for again", async () => {
  const id = VlobId.generate();
  const row: SqlRow = { rowid: 1, vlob_id: idBytes(id), base_version: 1, remote_version: 2, need_sync: 1 };
  let isReadable = false;
  const file = {
    read: () => {
      if (!isReadable) throw new Error("the disk is away");
      return [row];
    },
  };
  const stored = new StoredNeedSync(file as unknown as SqliteFile);
  await expect(stored.loaded()).rejects.toThrow("the disk is away");
  isReadable = true;
  const index = await stored.loaded();
  expect([index.inbound(9), index.outbound(9)]).toEqual([[id], [id]]);
});
