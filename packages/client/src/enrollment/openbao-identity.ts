import { requireArgument, requireMethods, requireObject, requireText } from "@parsec/base";
import { type OpenBaoClient, OpenBaoError, openBao, openBaoKeys } from "@parsec/device";
import { HumanHandle } from "@parsec/types";
import { requireHuman } from "../arguments.ts";
import { EnrollmentError } from "./errors.ts";
import type { EnrollmentIdentity, IdentityOptions, PayloadSignature, VerifyOptions } from "./identity.ts";

export interface OpenBaoIdentityOptions {
  /** Logged in: see `startOpenBaoLogin` of `@parsec/device`. */
  readonly client: OpenBaoClient;
  /** Who asks to enroll: an e-mail address of `client.listEmails()`, and a name. An administrator needs none. */
  readonly human?: { readonly email: string; readonly label: string } | undefined;
  /** The way of single sign-on to offer first when the enrollment is completed; empty by default. */
  readonly preferredAuthId?: string | undefined;
}

/** The other side's word becomes a part of addresses. */
const entityIdForm = /^[\w-]+$/;

/**
 * An identity by single sign-on.
 * @throws InvalidArgumentError, HumanHandleError
 */
export function openBaoIdentity(options: OpenBaoIdentityOptions): EnrollmentIdentity {
  requireObject("options", options);
  const { client, human, preferredAuthId = "" } = options;
  requireMethods("options.client", client, "an OpenBaoClient", "sign", "verify", "uploadKey", "fetchKey");
  requireText("options.preferredAuthId", preferredAuthId);
  if (human !== undefined) requireHuman(human);
  const handle = human === undefined ? undefined : HumanHandle.parse(human.email, human.label);
  const { entityId } = client;
  return {
    type: "OPEN_BAO",
    protection: openBao({ keys: openBaoKeys(client), entityId, preferredAuthId }),
    humanHandle: async () => {
      requireArgument("identity.human", human, "a person, to submit an enrollment", handle !== undefined);
      return handle;
    },
    sign: async (payload: Uint8Array, { signal }: IdentityOptions) => ({
      type: "OPEN_BAO",
      signature: await client.sign(payload, { signal }),
      entityId,
    }),
    verify: async (payload: Uint8Array, signed: PayloadSignature, { expectedEmail, signal }: VerifyOptions) => {
      if (signed.type !== "OPEN_BAO" || !entityIdForm.test(signed.entityId)) {
        throw new EnrollmentError("UNTRUSTED_SIGNATURE");
      }
      try {
        await client.verify(payload, signed.signature, signed.entityId, { expectedEmail, signal });
      } catch (cause) {
        throw isUntrusted(cause) ? new EnrollmentError("UNTRUSTED_SIGNATURE", { cause }) : cause;
      }
    },
  };
}

function isUntrusted(error: unknown): boolean {
  if (!(error instanceof OpenBaoError)) return false;
  return error.code === "OPENBAO_BAD_SIGNATURE" || error.code === "OPENBAO_UNEXPECTED_AUTHOR";
}
