import { openPostgresStore } from "../../src/store/sql/postgres/open.ts";
import { blockStoreContract } from "../support/block-store-contract.ts";
import { ownDatabaseBlocks } from "../support/own-database-blocks.ts";
import { createDatabase } from "../support/stores.ts";

blockStoreContract("a table of PostgreSQL", async () =>
  ownDatabaseBlocks(await openPostgresStore(await createDatabase())),
);
