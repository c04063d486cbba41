import { openSqliteStore } from "../../src/store/sql/sqlite/open.ts";
import { blockStoreContract } from "../support/block-store-contract.ts";
import { ownDatabaseBlocks } from "../support/own-database-blocks.ts";
import { newSqliteFile } from "../support/stores.ts";

blockStoreContract("a table of SQLite", async () => ownDatabaseBlocks(await openSqliteStore(newSqliteFile())));
