import { vlobUpdate } from "@parsec/protocol";
import { badVlobTimestamp, cannotWriteVlob, writeVlobOnceAccepted } from "../../rules/vlob.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §7.2. Services with a webhook answer before the version is compared. */
export const vlobUpdateHandler = authenticated(vlobUpdate).inSteps((call, request) =>
  writeVlobOnceAccepted(call, request, request.version, async (scope, { isAccepted }) => {
    const refusal = await cannotWriteVlob(scope, request);
    if (refusal !== undefined) return refusal;
    const lastVersion = await scope.tx.vlobs.lastVersion(scope.organizationId, request.realmId, request.vlobId);
    if (lastVersion === 0) return { status: "vlob_not_found" } as const;
    if (isAccepted && request.version !== lastVersion + 1) return { status: "bad_vlob_version" } as const;
    return await badVlobTimestamp(scope, request);
  }),
);
