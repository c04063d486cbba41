import { type VlobCreateRequest, vlobCreate } from "@parsec/protocol";
import { refusedByService } from "../../rules/sequester.ts";
import { badVlobTimestamp, cannotWriteVlob, servicesToAsk, writeVlob } from "../../rules/vlob.ts";
import { authenticated } from "../handler.ts";
import { isReply } from "../reply.ts";
import type { AuthorScope } from "../scope.ts";

/** Spec 08b §7.1. The webhooks, if any, are asked between two transactions: the second one checks all again. */
export const vlobCreateHandler = authenticated(vlobCreate).inSteps(async (call, request) => {
  const asked = await call.transaction(async (scope) => {
    const refusal = await check(scope, request);
    if (refusal !== undefined) return refusal;
    const services = await servicesToAsk(scope);
    if (services.length === 0) return await writeVlob(scope, request, 1);
    return { services, organizationId: scope.organizationId, author: scope.author.device.deviceId };
  });
  if (isReply(asked)) return asked;
  const { services, organizationId, author } = asked;
  const { realmId, vlobId, timestamp, keyIndex, blob } = request;
  const query = { organizationId, author, realmId, timestamp, keyIndex, vlobId, version: 1, blob };
  const refusal = await refusedByService(call.server, services, () => ({ type: "vlob_create_or_update", ...query }));
  if (refusal !== undefined) return refusal;
  return await call.transaction(async (scope) => (await check(scope, request)) ?? (await writeVlob(scope, request, 1)));
});

async function check(scope: AuthorScope, request: VlobCreateRequest) {
  const { tx, organizationId } = scope;
  const refusal = (await cannotWriteVlob(scope, request)) ?? (await badVlobTimestamp(scope, request));
  if (refusal !== undefined) return refusal;
  if ((await tx.vlobs.lastVersion(organizationId, request.realmId, request.vlobId)) > 0) {
    return { status: "vlob_already_exists" } as const;
  }
  return undefined;
}
