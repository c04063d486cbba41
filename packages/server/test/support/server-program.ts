// A server in a process of its own, to be killed. Arguments: database, port (0: a free one), where blocks are kept. Says
// where it listens.
import { startServer } from "../../src/index.ts";

const [db = "", port = "0", blocks = ""] = process.argv.slice(2);
const database = { connectionAttempts: 600, pauseBeforeRetryMs: 50 };
const server = await startServer({ dev: true, db, database, blocks, port: Number(port) });
process.stdout.write(`${server.url}\n`);
