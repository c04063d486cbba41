import { orAbort } from "@parsec/base";
import { requireOptions } from "../arguments.ts";
import { throwIfClosed } from "../session/closed.ts";
import type { SessionContext } from "../session/context.ts";
import type { RecoveryRequest } from "./set-up.ts";
import { type RecoverySetup, type RecoveryStatus, recoveriesFor, recoveryStatus } from "./status.ts";

/**
 * Recovery by other people: enough of those whom a user has chosen can together give the user a device back. Reading
 * needs no network (spec 09a §7.10).
 */
export class ShamirRecovery {
  readonly #context: SessionContext;

  constructor(context: SessionContext) {
    this.#context = context;
  }

  /** The own setup. */
  get status(): RecoveryStatus {
    throwIfClosed(this.#context);
    return recoveryStatus(this.#context.certificates.view, this.#context.device.userId);
  }

  /** The last setup of each user who has chosen this one, by date. */
  forOthers(): readonly (RecoveryStatus & RecoverySetup)[] {
    throwIfClosed(this.#context);
    return recoveriesFor(this.#context.certificates.view, this.#context.device.userId);
  }

  /** @throws SetUpRecoveryError */
  async setUp(request: RecoveryRequest, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    throwIfClosed(this.#context);
    requireOptions(options);
    const { setUpRecovery } = await orAbort(import("./set-up.ts"), options.signal);
    return setUpRecovery(this.#context, request, options);
  }

  /** Does nothing when there is no setup. @throws AuthoringError */
  async delete(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    throwIfClosed(this.#context);
    requireOptions(options);
    const { deleteRecovery } = await orAbort(import("./delete.ts"), options.signal);
    return deleteRecovery(this.#context, options);
  }
}
