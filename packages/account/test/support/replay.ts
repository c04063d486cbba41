import { createTransport } from "@parsec/connection";
import { accountInfo, authMethodPasswordGetAlgorithm, decodeRequest, type Family } from "@parsec/protocol";
import { encode, HumanHandle, parseServerHttpUrl, type UntrustedPasswordAlgorithm } from "@parsec/types";
import { expect, onTestFinished } from "vitest";
import { type SeenRequest, startStubServer } from "../../../connection/test/support/stub-server.ts";
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
  const stub = await startStubServer((request, response) => {
    const { cmd } = decodeRequest(familyOf(request), request.body);
    commands.push(cmd);
    const reply = replies[cmd] ?? expect.unreachable(cmd);
    response.writeHead(200).end(reply instanceof Uint8Array ? reply : reply(request.body));
  });
  onTestFinished(() => stub.close());
  const transport = createTransport({ proxy: "none" });
  onTestFinished(() => transport.close());
  return { server: { address: parseServerHttpUrl(stub.url), transport }, commands: () => commands };
}

function familyOf({ path }: SeenRequest): Family {
  return path === "/anonymous_server" ? "anonymous_server" : "authenticated_account";
}

export function infoReply(email: string): Uint8Array {
  return encode(accountInfo.reply, { status: "ok", humanHandle: HumanHandle.parse(email, "Somebody") });
}

export function algorithmReply(passwordAlgorithm: UntrustedPasswordAlgorithm): Uint8Array {
  return encode(authMethodPasswordGetAlgorithm.reply, { status: "ok", passwordAlgorithm });
}
