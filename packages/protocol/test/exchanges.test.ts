import { fromBase64, fromHex, toHex } from "@parsec/base";
import { decode, encode } from "@parsec/types";
import { describe, expect, it } from "vitest";
import { BadRequestError, commands, decodeRequest, type Family, findCommand, rpcContentType } from "../src/index.ts";
import { readVectors } from "./support/vectors.ts";

/** One recorded exchange, whatever file it is from. */
interface Exchange {
  readonly name: string;
  readonly family: Family;
  readonly cmd: string;
  /** The reply's status, or `http_<status>`. */
  readonly outcome: string;
  readonly contentType: string | undefined;
  readonly request: Uint8Array;
  readonly reply: Uint8Array;
}

interface RecordedFile {
  readonly exchanges: readonly {
    readonly family: string;
    readonly command: string;
    readonly outcome: string;
    readonly request: {
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    };
    readonly response: { readonly body: string };
  }[];
}

interface AccountFile {
  readonly protocol: readonly { family: string; cmd: string; kind: "req" | "rep"; test: string; raw_hex: string }[];
  readonly reference_exchanges: {
    readonly exchanges: readonly {
      readonly id: string;
      readonly family: string;
      readonly cmd: string;
      readonly status: string;
      readonly request: { readonly headers: Readonly<Record<string, string>>; readonly body_hex?: string };
      readonly reply: { readonly body_hex?: string };
    }[];
  };
}

const account = readVectors<AccountFile>("account.json");
const fromFile = readVectors<RecordedFile>("exchanges.json").exchanges.map(
  ({ family, command, outcome, request, response }) => ({
    name: `${family}/${command}/${outcome}`,
    // The recorder files the commands of the terms of service under their route's first word.
    family: (request.path.endsWith("/tos") ? "tos" : family) as Family,
    cmd: command,
    outcome,
    contentType: request.headers["content-type"],
    request: fromBase64(request.body) ?? expect.unreachable(),
    reply: fromBase64(response.body) ?? expect.unreachable(),
  }),
);
const fromAccount = account.reference_exchanges.exchanges.map(({ id, family, cmd, status, request, reply }) => ({
  name: id,
  family: family as Family,
  cmd,
  outcome: status,
  contentType: request.headers["Content-Type"],
  request: fromHex(request.body_hex ?? "") ?? expect.unreachable(),
  reply: fromHex(reply.body_hex ?? "") ?? expect.unreachable(),
}));
/** Their bytes hold keys that readers must ignore, and that nobody writes any more. */
const withIgnoredKeys = ["organization_self_list rep_ok", "vault_item_upload rep_ok"];
const exchanges: readonly Exchange[] = [...fromFile, ...fromAccount].filter(({ family }) => family in commands);
/** Not an event stream, nor a request that is refused for what it says. */
const isServed = ({ outcome, request }: Exchange) => request.length > 0 && !/^http_4(15|22)$/.test(outcome);

describe("recorded exchanges", () => {
  it("are all there", () => {
    expect(exchanges.length).toBeGreaterThan(150);
  });

  it.each(exchanges.filter(isServed))("$name: the request decodes and re-encodes", ({ family, cmd, request }) => {
    const decoded = decodeRequest(family, request);
    expect(decoded.cmd).toBe(cmd);
    const command = findCommand(family, cmd) ?? expect.unreachable();
    expect(toHex(encode(command.request, decoded))).toBe(toHex(request));
  });

  const replied = exchanges.filter(({ outcome }) => !outcome.startsWith("http_"));
  it.each(replied)("$name: the reply decodes and re-encodes", ({ family, cmd, outcome, reply }) => {
    const command = findCommand(family, cmd) ?? expect.unreachable();
    const decoded = decode(command.reply, reply);
    expect(decoded).toMatchObject({ status: outcome });
    expect(toHex(encode(command.reply, decoded))).toBe(toHex(reply));
  });

  const refused = exchanges.filter(
    ({ outcome, contentType }) => outcome === "http_415" && contentType === rpcContentType,
  );
  it.each(refused)("$name: the server's decoder refuses the body too", ({ family, request }) => {
    expect(() => decodeRequest(family, request)).toThrow(BadRequestError);
  });

  it.each(account.protocol)("$family $cmd $test decodes and re-encodes", ({ family, cmd, kind, test, raw_hex }) => {
    const command = findCommand(family.replace(/_cmds$/, "") as Family, cmd) ?? expect.unreachable();
    const codec = kind === "req" ? command.request : command.reply;
    const encoded = toHex(encode(codec, decode(codec, fromHex(raw_hex) ?? expect.unreachable())));
    if (!withIgnoredKeys.includes(`${cmd} ${test}`)) expect(encoded).toBe(raw_hex);
  });
});
