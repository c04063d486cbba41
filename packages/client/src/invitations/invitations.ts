import type { SessionContext } from "../session/context.ts";

/** The invitations of a session: making, listing and cancelling them, and greeting (spec 09b). */
export class Invitations {
  readonly #context: SessionContext;

  constructor(context: SessionContext) {
    this.#context = context;
  }

  get organizationId(): string {
    return this.#context.device.organizationId;
  }
}
