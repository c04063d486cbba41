import { vlobCreate } from "@parsec/protocol";
import { badVlobTimestamp, cannotWriteVlob, writeVlobOnceAccepted } from "../../rules/vlob.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §7.1. */
export const vlobCreateHandler = authenticated(vlobCreate).inSteps((call, request) =>
  writeVlobOnceAccepted(call, request, 1, async (scope) => {
    const refusal = (await cannotWriteVlob(scope, request)) ?? (await badVlobTimestamp(scope, request));
    if (refusal !== undefined) return refusal;
    const version = await scope.tx.vlobs.lastVersion(scope.organizationId, request.realmId, request.vlobId);
    return version > 0 ? ({ status: "vlob_already_exists" } as const) : undefined;
  }),
);
