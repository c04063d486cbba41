import { AnonymousServerConnection, type ConnectionError, createTransport } from "@parsec/connection";
import { serverConfig } from "@parsec/protocol";
import { startServer } from "@parsec/server";
import { parseAddress } from "@parsec/types";

const server = await startServer({ dev: true });
const transport = createTransport();
const connection = new AnonymousServerConnection({ address: parseAddress("server", server.address), transport });

export const config = await connection.send(serverConfig, {}, { signal: AbortSignal.timeout(5000) });

await server.close();
export const failure = await connection.send(serverConfig, {}).catch((error: ConnectionError) => error.code);
await transport.close();
