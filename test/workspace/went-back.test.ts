import type { ClientEvent, Workspace } from "@parsec/client";
import { type OkOf, vlobPollChanges, vlobReadBatch } from "@parsec/protocol";
import { type RunningServer, startServer } from "@parsec/server";
import { decode, encode } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { LooseDevices } from "../support/loose-devices.ts";
import { type Tamper, tamperingTransport } from "../support/tampering-transport.ts";
import { readText } from "../support/two-devices.ts";

// noticeRollback: a server that gives less than it once gave to this device is noticed, and what is here stays.

let server: RunningServer;
let tampers: Record<string, Tamper>;
let seen: ClientEvent[];
let here: Workspace;
let there: Workspace;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

beforeEach(async () => {
  const devices = await LooseDevices.load(server);
  tampers = {};
  seen = [];
  const transport = tamperingTransport(tampers);
  const one = await devices.open(0, { transport });
  const two = await devices.open(1);
  onTestFinished(async () => {
    await one.close();
    await two.close();
    await transport.close();
  });
  one.session.events.on("server_went_back", (event) => seen.push(event));
  [here, there] = [one.workspace, two.workspace];
  await there.writeFile("/f", "first");
  await there.sync();
  await here.sync();
  expect(await readText(here, "/f")).toBe("first");
});

type PollReply = OkOf<typeof vlobPollChanges>;

function changePoll(change: (reply: PollReply) => PollReply): Tamper {
  return (bytes) => {
    const reply = decode(vlobPollChanges.reply, bytes);
    return reply.status === "ok" ? encode(vlobPollChanges.reply, change(reply)) : bytes;
  };
}

describe("the number of changes", () => {
  test("one less than before is told, with both; the same and more are not", async () => {
    let known = 0;
    tampers["vlob_poll_changes"] = changePoll((reply) => {
      known = reply.currentCheckpoint;
      return reply;
    });
    await here.sync();
    await there.writeFile("/g", "g");
    await there.sync();
    await here.sync();
    expect(seen).toEqual([]);
    const given = known - 1;
    tampers["vlob_poll_changes"] = changePoll((reply) => ({ ...reply, changes: [], currentCheckpoint: given }));
    await here.sync();
    expect(seen).toMatchObject([{ type: "server_went_back", realmId: here.id, entryId: undefined, known, given }]);
    expect(await readText(here, "/f")).toBe("first");
    delete tampers["vlob_poll_changes"];
    await there.writeFile("/f", "second");
    await there.sync();
    await here.sync();
    expect(await readText(here, "/f")).toBe("second");
  });
});

describe("the version of an entry", () => {
  test("an older one than is here is told, with both; the same one is not", async () => {
    const { id } = await here.stat("/f");
    const batches: Uint8Array[] = [];
    tampers["vlob_read_batch"] = (bytes) => {
      const reply = decode(vlobReadBatch.reply, bytes);
      if (reply.status === "ok" && reply.items.some(([entry]) => entry === id)) batches.push(bytes);
      return bytes;
    };
    for (const content of ["second", "third"]) {
      await there.writeFile("/f", content);
      await there.sync();
      await here.sync();
    }
    expect(await readText(here, "/f")).toBe("third");
    expect(seen).toEqual([]);
    const [second, third] = batches;
    if (second === undefined || third === undefined) throw new Error("both versions were fetched");
    await there.writeFile("/f", "fourth");
    await there.sync();
    tampers["vlob_read_batch"] = () => third;
    await here.sync().catch(() => undefined);
    expect(seen).toEqual([]);
    tampers["vlob_read_batch"] = () => second;
    await here.sync().catch(() => undefined);
    expect(seen[0]).toMatchObject({ type: "server_went_back", realmId: here.id, entryId: id, known: 3, given: 2 });
    expect(await readText(here, "/f")).toBe("third");
    delete tampers["vlob_read_batch"];
    await here.sync();
    expect(await readText(here, "/f")).toBe("fourth");
  });
});
