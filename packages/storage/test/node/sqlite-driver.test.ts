import { sqliteDriver } from "../../src/node/sqlite/driver.ts";
import { driverContract } from "../driver/contract.ts";
import { temporaryFolder } from "../support/folder.ts";

driverContract("SQLite", async () => sqliteDriver({ dir: await temporaryFolder() }));
