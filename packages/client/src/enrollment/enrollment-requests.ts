import { orAbort } from "@parsec/base";
import { type AddressOf, formatAddress, formatRedirection } from "@parsec/types";
import { requireOptions } from "../arguments.ts";
import { throwIfClosed } from "../session/closed.ts";
import type { SessionContext } from "../session/context.ts";
import { addressOf } from "./enrollment-address.ts";
import type { EnrollmentRequest } from "./enrollment-request.ts";
import type { EnrollmentOptions } from "./enrollments.ts";

/** Where people ask to be enrolled: nothing secret. */
export interface EnrollmentLinks {
  readonly address: AddressOf<"async_enrollment">;
  /** `parsec3://…` */
  readonly link: string;
  /** `https://…/redirect/…`, for a browser. */
  readonly redirection: string;
}

/** The enrollments that wait for an administrator (spec 09b §7.5). The event `async_enrollment_updated` tells of changes. */
export class EnrollmentRequests {
  readonly #context: SessionContext;

  /** @internal */
  constructor(context: SessionContext) {
    this.#context = context;
  }

  /** @throws ClientError SESSION_CLOSED */
  get links(): EnrollmentLinks {
    throwIfClosed(this.#context);
    const { serverUrl, organizationId } = this.#context.device;
    const address = addressOf(serverUrl, organizationId);
    return { address, link: formatAddress(address), redirection: formatRedirection(address) };
  }

  /**
   * The requests that wait, oldest first. Nothing of them is verified before one is accepted; those that cannot be read
   * are passed over.
   * @throws EnrollmentError NOT_ALLOWED; ConnectionError, UnexpectedReplyError
   */
  async list(options: EnrollmentOptions = {}): Promise<readonly EnrollmentRequest[]> {
    throwIfClosed(this.#context);
    requireOptions(options);
    const { listRequests } = await orAbort(import("./enrollment-request.ts"), options.signal);
    return listRequests(this.#context, options);
  }
}
