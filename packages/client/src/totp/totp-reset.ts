import type { AnonymousConnection } from "@parsec/connection";
import { confirmTotpReset, resetTotpSecret, type TotpSecret } from "@parsec/device";
import type { TotpResetAddress } from "@parsec/types";
import { connectAnonymously } from "../devices/connect-as.ts";
import type { ParsecPorts } from "../ports.ts";
import type { TotpOptions } from "./totp.ts";

/** A second factor that an administrator has reset: to be set up anew, by whoever has the link (spec 06 §11.3). */
export class TotpReset {
  readonly address: TotpResetAddress;
  readonly #connection: AnonymousConnection;

  /** @internal */
  constructor(ports: ParsecPorts, address: TotpResetAddress) {
    this.address = address;
    this.#connection = connectAnonymously(ports, address);
  }

  /** The secret for the authenticator application. @throws TotpError BAD_TOTP_RESET_TOKEN; ConnectionError */
  secret(options: TotpOptions = {}): Promise<TotpSecret> {
    return resetTotpSecret(this.#connection, this.address, options);
  }

  /**
   * Ends the setup with a first code of the application.
   * @throws TotpError INVALID_ONE_TIME_PASSWORD, BAD_TOTP_RESET_TOKEN; ConnectionError
   */
  confirm(code: string, options: TotpOptions = {}): Promise<void> {
    return confirmTotpReset(this.#connection, this.address, code, options);
  }
}
