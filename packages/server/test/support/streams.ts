import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { toBase64 } from "@parsec/base";
import { eventsListen } from "@parsec/protocol";
import { type DateTime, DeviceId, decode, UserId, type VlobId } from "@parsec/types";
import { type Author, dumpedAuthor, realmRename, realmRole, realmRotate } from "./operations.ts";
import { bytesOf, type Dump, known, type Operation } from "./recorded.ts";

/** A whole answer of `events_listen`. */
export interface EventStream {
  readonly request: { readonly path: string; readonly headers: Readonly<Record<string, string>> };
  readonly response: { readonly body_text: string };
}

const file = new URL("../../../../test/vectors/exchanges.json", import.meta.url);
export const eventStreams = (
  JSON.parse(readFileSync(file, "utf8")) as { readonly event_streams: readonly EventStream[] }
).event_streams;

export const aliceDevice = "de10a11cec0010000000000000000000";
export const bobDevice = "de10808c001000000000000000000000";
export const aliceId = known(UserId.parse("a11cec00100000000000000000000000"));
export const bobId = known(UserId.parse("808c0010000000000000000000000000"));

/** The data of each frame, keepalives aside, in base64. */
export function framesOf(text: string): readonly string[] {
  return [...text.matchAll(/^data:(.+)$/gm)].map((match) => match[1] ?? "");
}

export function listenerOf({ request }: EventStream): DeviceId {
  return known(DeviceId.parse(request.headers["authorization"]?.split(".")[1] ?? ""));
}

type Event = Record<string, unknown>;

function eventsOf(stream: EventStream): readonly Event[] {
  return framesOf(stream.response.body_text).map((data) => ({
    ...(decode(eventsListen.reply, bytesOf(data)) as object),
  }));
}

/** What a realm goes through in the recorded streams, in order: the kinds of its certificates are not in the events. */
const realmLife = [
  (author: Author, date: RealmDate) => realmRole(author, { ...date, userId: aliceId, role: "OWNER" }, "realm_create"),
  (author: Author, date: RealmDate) => realmRotate(author, date, { userId: aliceId }),
  (author: Author, date: RealmDate) => realmRename(author, date),
  (author: Author, date: RealmDate) => realmRole(author, { ...date, userId: bobId, role: "OWNER" }, "realm_share"),
];

interface RealmDate {
  readonly realmId: VlobId;
  readonly timestamp: DateTime;
}

/**
 * The operations behind the events of a stream. A device does not hear of its own vlobs: the versions that are missing
 * for that reason are made up, by the listener.
 */
export function operationsOf(stream: EventStream, dump: Dump): readonly Operation[] {
  const versions = new Map<unknown, number>();
  let realmEvents = 0;
  return eventsOf(stream).flatMap((event): Operation[] => {
    const date = { realmId: event["realmId"] as VlobId, timestamp: event["timestamp"] as DateTime };
    if (event["event"] === "REALM_CERTIFICATE") {
      const make = realmLife[realmEvents];
      realmEvents += 1;
      if (make !== undefined) return [make(dumpedAuthor(dump, aliceDevice), date)];
      // Bob, OWNER by then, takes the realm back from alice.
      const bob = dumpedAuthor(dump, bobDevice);
      return [realmRole(bob, { ...date, userId: aliceId, role: null }, "realm_unshare")];
    }
    if (event["event"] !== "VLOB") return [];
    const { vlobId, author, version, blob } = event as {
      vlobId: string;
      author: string;
      version: number;
      blob: Uint8Array;
    };
    const write = (version: number, author: string, content: Uint8Array): Operation => ({
      op: version === 1 ? "vlob_create" : "vlob_update",
      timestamp: date.timestamp,
      author,
      realm_id: date.realmId,
      vlob_id: vlobId,
      key_index: 1,
      ...(version === 1 ? {} : { version }),
      blob: toBase64(content),
    });
    const written: Operation[] = [];
    for (let missing = (versions.get(vlobId) ?? 0) + 1; missing < version; missing += 1) {
      written.push(write(missing, listenerOf(stream), new Uint8Array(1)));
    }
    versions.set(vlobId, version);
    return [...written, write(version, author, blob)];
  });
}

/** The recorded stream of that organization, the one of `device` when there are several. */
export function streamOf(organizationId: string, device: string): EventStream {
  const found = eventStreams.find(
    (stream) => stream.request.path.includes(`/${organizationId}/`) && listenerOf(stream) === device,
  );
  return found ?? assert.fail(`no stream of ${organizationId}`);
}
