import type { ConnectionError } from "@parsec/connection";
import { confirmTotp, createTotpKey, type TotpError, type TotpKey, type TotpStatus, totpStatus } from "@parsec/device";
import { requireOptions } from "../arguments.ts";
import { throwIfClosed } from "../session/closed.ts";
import type { SessionContext } from "../session/context.ts";

export interface TotpOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What {@link Totp} may throw. */
export type TotpSetupError = TotpError | ConnectionError;

/**
 * The second factor of the user: an authenticator application, whose codes the server asks for before it gives what
 * opens a device (spec 06 §11.4). Set up once for the user; then `createKey` for each device, and `Parsec.addTotp`.
 */
export class Totp {
  readonly #context: SessionContext;

  /** @internal */
  constructor(context: SessionContext) {
    this.#context = context;
  }

  /** Whether it is set up; before that, the secret for the application. @throws ConnectionError */
  async status(options: TotpOptions = {}): Promise<TotpStatus> {
    this.#check(options);
    return totpStatus(this.#context.connection, this.#context.device.organizationId, options);
  }

  /**
   * Ends the setup with a first code of the application.
   * @throws TotpSetupError: INVALID_ONE_TIME_PASSWORD, TOTP_ALREADY_SETUP
   */
  async confirm(code: string, options: TotpOptions = {}): Promise<void> {
    this.#check(options);
    return confirmTotp(this.#context.connection, code, options);
  }

  /** A new key that the server keeps and gives for a code: `Parsec.addTotp` protects a device with it. @throws ConnectionError */
  async createKey(options: TotpOptions = {}): Promise<TotpKey> {
    this.#check(options);
    return createTotpKey(this.#context.connection, options);
  }

  /** @throws ClientError SESSION_CLOSED, InvalidArgumentError */
  #check(options: TotpOptions): void {
    throwIfClosed(this.#context);
    requireOptions(options);
  }
}
