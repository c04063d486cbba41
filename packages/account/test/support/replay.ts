import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { concatBytes } from "@parsec/base";
import { createTransport } from "@parsec/connection";
import { accountInfo, authMethodPasswordGetAlgorithm, decodeRequest, type Family } from "@parsec/protocol";
import { encode, HumanHandle, parseServerHttpUrl, type UntrustedPasswordAlgorithm } from "@parsec/types";
import { expect, onTestFinished } from "vitest";
import type { AccountServer } from "../../src/index.ts";

/** What a server answers to each command: bytes, or what to make of the request. */
export type Replies = Readonly<Record<string, Uint8Array | ((body: Uint8Array) => Uint8Array)>>;

export interface Replayed {
  readonly server: AccountServer;
  /** The commands received so far. */
  commands(): readonly string[];
}

/** A bare HTTP server that answers what a test says: for recorded replies, and for those that no real server gives. */
export async function startReplay(replies: Replies): Promise<Replayed> {
  const commands: string[] = [];
  const http = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const { cmd } = decodeRequest(familyOf(request.url), body);
    commands.push(cmd);
    const reply = replies[cmd] ?? expect.unreachable(cmd);
    response.writeHead(200).end(reply instanceof Uint8Array ? reply : reply(body));
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    http.close();
    http.closeAllConnections();
  });
  const transport = createTransport({ proxy: "none" });
  onTestFinished(() => transport.close());
  return {
    server: { address: parseServerHttpUrl(`http://127.0.0.1:${(http.address() as AddressInfo).port}`), transport },
    commands: () => commands,
  };
}

function familyOf(path: string | undefined): Family {
  return path === "/anonymous_server" ? "anonymous_server" : "authenticated_account";
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of request as AsyncIterable<Uint8Array>) parts.push(part);
  return concatBytes(...parts);
}

export function infoReply(email: string): Uint8Array {
  return encode(accountInfo.reply, { status: "ok", humanHandle: HumanHandle.parse(email, "Somebody") });
}

export function algorithmReply(passwordAlgorithm: UntrustedPasswordAlgorithm): Uint8Array {
  return encode(authMethodPasswordGetAlgorithm.reply, { status: "ok", passwordAlgorithm });
}
