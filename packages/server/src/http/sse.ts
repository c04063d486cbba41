import { utf8 } from "@parsec/base";
import { eventFrame, eventStreamAccept, eventStreamContentType, parseDeviceToken } from "@parsec/protocol";
import { DeviceId } from "@parsec/types";
import { authenticateDevice, refuseUser } from "../auth/authenticate.ts";
import { authorScope } from "../commands/scope.ts";
import type { ServerContext } from "../context.ts";
import { organizationConfigEvent } from "../events/api-event.ts";
import type { EventHub, OpenStream } from "../events/hub.ts";
import { Subscriber } from "../events/subscriber.ts";
import { HttpAbort } from "../http-abort.ts";
import { currentRealms } from "../rules/realm.ts";
import { clientInfo, headerOf } from "./client-info.ts";
import type { HttpContext } from "./request.ts";
import { authorization, organizationIdOf } from "./rpc.ts";

/** `GET /authenticated/{organization}/events` (spec 08a §6). */
export async function eventsRoute(server: ServerContext, hub: EventHub, c: HttpContext): Promise<Response> {
  const { incoming } = c.env;
  const { config } = server;
  const client = clientInfo(incoming, config);
  const organizationId = organizationIdOf(c);
  if (headerOf(incoming, "accept") !== eventStreamAccept) throw new HttpAbort("badAcceptType");
  const token = authorization(incoming, parseDeviceToken);
  if (hub.isClosed) throw new HttpAbort("stopping");
  const caller = await authenticateDevice(server, client, organizationId, token, { mustHaveAcceptedTos: true });
  const open = await hub.open(
    async (tx) => {
      const scope = await authorScope({ server, client, tx, now: server.now() }, caller);
      refuseUser(scope.organization, scope.author.user, { mustHaveAcceptedTos: true });
      const { userId, currentProfile } = scope.author.user;
      const realms = currentRealms(await tx.realms.rolesOfUser(organizationId, userId));
      const listener = { organizationId, deviceId: caller.deviceId, userId, profile: currentProfile };
      return { organization: scope.organization, subscriber: new Subscriber(listener, realms) };
    },
    (organization) => eventFrame({ status: "ok", ...organizationConfigEvent(organization, config) }),
    { lastEventId: lastEventId(headerOf(incoming, "last-event-id")), keepalive: config.sseKeepalive },
  );
  // A client that has gone before its answer never reads, nor cancels, the body.
  const { outgoing } = c.env;
  if (outgoing.destroyed) open.close();
  outgoing.once("close", open.close);
  return new Response(bodyOf(open), {
    headers: { "Content-Type": eventStreamContentType, "Cache-Control": "no-cache", "Transfer-Encoding": "chunked" },
  });
}

/** Step H5: a UUID in any form, as any kind of id parses it; anything else counts as absent. */
function lastEventId(header: string | undefined): string | undefined {
  return header === undefined ? undefined : DeviceId.parse(header);
}

/** One frame is taken from the stream each time the socket can take more: a slow reader fills the stream's queue. */
function bodyOf({ stream, close }: OpenStream): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const frame = await stream.next();
        if (frame !== undefined) {
          controller.enqueue(utf8(frame));
          return;
        }
        close();
        controller.close();
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
}
