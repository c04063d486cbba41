import { type VlobUpdateRequest, vlobUpdate } from "@parsec/protocol";
import { refusedByService } from "../../rules/sequester.ts";
import { badVlobTimestamp, cannotWriteVlob, servicesToAsk, writeVlob } from "../../rules/vlob.ts";
import { authenticated } from "../handler.ts";
import { isReply } from "../reply.ts";
import type { AuthorScope } from "../scope.ts";

/** Spec 08b §7.2. The webhooks, if any, are asked between two transactions: the second one checks all again. */
export const vlobUpdateHandler = authenticated(vlobUpdate).inSteps(async (call, request) => {
  const { realmId, vlobId, timestamp, keyIndex, version, blob } = request;
  const asked = await call.transaction(async (scope) => {
    const refusal = await check(scope, request);
    if (refusal !== undefined) return refusal;
    const services = await servicesToAsk(scope);
    if (services.length === 0) return await writeVlob(scope, request, version);
    return { services, organizationId: scope.organizationId, author: scope.author.device.deviceId };
  });
  if (isReply(asked)) return asked;
  const { services, organizationId, author } = asked;
  const query = { organizationId, author, realmId, timestamp, keyIndex, vlobId, version, blob };
  const refusal = await refusedByService(call.server, services, () => ({ type: "vlob_create_or_update", ...query }));
  if (refusal !== undefined) return refusal;
  return await call.transaction(
    async (scope) => (await check(scope, request)) ?? (await writeVlob(scope, request, version)),
  );
});

async function check(scope: AuthorScope, request: VlobUpdateRequest) {
  const { tx, organizationId } = scope;
  const refusal = await cannotWriteVlob(scope, request);
  if (refusal !== undefined) return refusal;
  const lastVersion = await tx.vlobs.lastVersion(organizationId, request.realmId, request.vlobId);
  if (lastVersion === 0) return { status: "vlob_not_found" } as const;
  if (request.version !== lastVersion + 1) return { status: "bad_vlob_version" } as const;
  return await badVlobTimestamp(scope, request);
}
