import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request as sendRequest } from "node:http";
import { buffer } from "node:stream/consumers";
import { decode } from "@parsec/types";
import {
  bytesOf,
  commandOf,
  type Dump,
  type Exchange,
  nameOf,
  type Operation,
  readDump,
  recordedOn,
} from "./recorded.ts";

/** Replaces bytes by as many others: what the server draws at random, or a signature. */
export type Substitution = readonly [from: Uint8Array, to: Uint8Array];

/** What to change in a recorded request before it is sent. */
export interface Changes {
  readonly substitutions?: readonly Substitution[];
  readonly headers?: Readonly<Record<string, string>>;
  /** When the server gets it, in µs, where another reply tells it more exactly than the bearer token. */
  readonly at?: number;
}

export interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** An organization that waits for its bootstrap, as the official testbed makes it. */
const unbootstrapped = { created_on: 0, bootstrap_token: "672bc6ba9c43455da28344e975dc72b7" };

/** The server on which exchanges are replayed, set up through its control routes (spec 13 §7). */
export class Stage {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async control(method: string, path: string, body?: unknown): Promise<unknown> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${this.url}/testbed${path}`, init);
    const text = await response.text();
    assert.equal(response.status, 200, `${path}: ${text}`);
    return JSON.parse(text);
  }

  /** µs since the epoch. */
  async setClock(now: number): Promise<void> {
    await this.control("PUT", "/clock", { now_us: now });
  }

  /** Loads an organization under the id of the exchange's path. */
  async load(
    exchange: Exchange,
    operations: readonly Operation[],
    organization: unknown = unbootstrapped,
  ): Promise<void> {
    const dump = { format: "parsec-organization-dump/1", organization, operations };
    await this.control("POST", "/organizations", { dump, organization_id: organizationOf(exchange) });
  }

  /** Loads a dump of the vectors, perhaps only its first operations. */
  async loadTemplate(exchange: Exchange, template: string, count?: number): Promise<Dump> {
    const dump = readDump(template);
    await this.load(exchange, dump.operations.slice(0, count), dump.organization);
    return dump;
  }

  async extend(exchange: Exchange, operations: readonly Operation[]): Promise<void> {
    await this.control("POST", `/organizations/${organizationOf(exchange)}/operations`, { operations });
  }

  /** The code in the last mail that came to an address: alone on its line. */
  async mailedCode(email: string): Promise<string> {
    const mails = (await this.control("GET", `/mailbox/${encodeURIComponent(email)}`)) as { readonly text: string }[];
    return /^([A-Z2-9]{6})$/m.exec(mails.at(-1)?.text ?? "")?.[1] ?? assert.fail(`no code for ${email}`);
  }

  /** Sends the recorded request, byte for byte but for the changes. The clock stands at its date. */
  async send(exchange: Exchange, changes: Changes = {}): Promise<Answer> {
    await this.setClock(changes.at ?? recordedOn(exchange));
    const { method, path, headers, body } = exchange.request;
    const bytes = substitute(bytesOf(body), changes.substitutions ?? []);
    // Host is left out of the recording; its links tell it. `fetch` could not set it.
    const sent = { host: "127.0.0.1:6781", "content-length": bytes.length, ...headers, ...changes.headers };
    const request = sendRequest(this.url + path, { method, headers: sent });
    request.end(bytes);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    return { status: response.statusCode ?? 0, body: new Uint8Array(await buffer(response)) };
  }

  /** Sends an exchange that leads to another. @returns its reply, which is a success */
  async lead(exchange: Exchange, changes: Changes = {}): Promise<Readonly<Record<string, unknown>>> {
    const { status, body } = await this.send(exchange, changes);
    const command = commandOf(exchange);
    assert(command !== undefined && status === 200, `${nameOf(exchange)}: HTTP ${status}`);
    const reply = decode(command.reply, body) as { readonly status: string };
    assert.equal(reply.status, "ok", `${nameOf(exchange)} leads to another`);
    return { ...reply };
  }
}

export function organizationOf(exchange: Exchange): string {
  const id = /Test(?:bed)?Org[-0-9a-f]+/.exec(exchange.request.path)?.[0];
  return id ?? assert.fail(`${nameOf(exchange)} is about no organization`);
}

function substitute(body: Uint8Array, substitutions: readonly Substitution[]): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(body);
  for (const [from, to] of substitutions) {
    assert.equal(to.length, from.length, "a substitution keeps the length");
    const at = bytes.indexOf(from);
    assert(at >= 0, "what is substituted is in the request");
    bytes.set(to, at);
  }
  return new Uint8Array(bytes);
}
