import { requireNatural, requireObject } from "@parsec/base";
import { listFrozenUsers, organizationInfo, tosAccept, tosGet } from "@parsec/protocol";
import type { DateTime, OrganizationId, UserId } from "@parsec/types";
import { requireOptions } from "../arguments.ts";
import { ClientError, UnexpectedReplyError } from "../errors.ts";
import { throwIfClosed } from "../session/closed.ts";
import type { SessionContext } from "../session/context.ts";
import type { OrganizationConfig } from "../session/events.ts";

/** How much the organization keeps on the server, in bytes. */
export interface OrganizationUsage {
  readonly blockBytes: number;
  readonly metadataBytes: number;
}

/** Terms that every user has to accept: a web page for each language, and the date that names this version of them. */
export interface TermsOfService {
  readonly perLocaleUrls: ReadonlyMap<string, string>;
  readonly updatedOn: DateTime;
}

export interface OrganizationOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Before the server has said anything (spec 09a §11). */
const unknownConfig: OrganizationConfig = {
  activeUsersLimit: null,
  userProfileOutsiderAllowed: false,
  realmMinimumArchivingPeriodBeforeDeletion: 0,
};

/**
 * The organization of a session, as a whole (spec 09a §7.2). All that asks the server throws ConnectionError, and
 * SESSION_CLOSED after the session was closed.
 */
export class Organization {
  readonly #context: SessionContext;
  #config = unknownConfig;

  constructor(context: SessionContext) {
    this.#context = context;
    context.events.on("organization_config", ({ config }) => {
      this.#config = config;
    });
  }

  get id(): OrganizationId {
    return this.#context.device.organizationId;
  }

  /** What the server last said; cautious values before it did. */
  get config(): OrganizationConfig {
    return this.#config;
  }

  async usage(options: OrganizationOptions = {}): Promise<OrganizationUsage> {
    this.#check(options);
    const reply = await this.#context.connection.send(organizationInfo, {}, options);
    if (reply.status !== "ok") throw new UnexpectedReplyError("organization_info", reply.status);
    return { blockBytes: reply.totalBlockBytes, metadataBytes: reply.totalMetadataBytes };
  }

  /**
   * When the first user was created. Asks the server only on a new device, that knows no certificate yet.
   * @throws PollError, ClientError USER_NOT_FOUND when the server gives no first user
   */
  async bootstrappedOn(options: OrganizationOptions = {}): Promise<DateTime> {
    this.#check(options);
    const { certificates } = this.#context;
    const firstUser = () => certificates.view.users().find(({ author }) => author === null);
    if (firstUser() === undefined) await certificates.poll(options);
    const first = firstUser();
    if (first === undefined) throw new ClientError("USER_NOT_FOUND");
    return first.timestamp;
  }

  /** Those whom the server refuses for now. @throws ClientError AUTHOR_NOT_ALLOWED for who is not ADMIN */
  async frozenUsers(options: OrganizationOptions = {}): Promise<readonly UserId[]> {
    this.#check(options);
    const reply = await this.#context.connection.send(listFrozenUsers, {}, options);
    switch (reply.status) {
      case "ok":
        return reply.frozenUsers;
      case "author_not_allowed":
        throw new ClientError("AUTHOR_NOT_ALLOWED");
      default:
        throw new UnexpectedReplyError("list_frozen_users", reply.status);
    }
  }

  /** `undefined` when there are none. */
  async termsOfService(options: OrganizationOptions = {}): Promise<TermsOfService | undefined> {
    this.#check(options);
    const reply = await this.#context.connection.send(tosGet, {}, options);
    switch (reply.status) {
      case "ok":
        return { perLocaleUrls: reply.perLocaleUrls, updatedOn: reply.updatedOn };
      case "no_tos":
        return undefined;
      default:
        throw new UnexpectedReplyError("tos_get", reply.status);
    }
  }

  /**
   * Accepts the terms that the user has read; the connection then tries again at once.
   * @throws ClientError TERMS_OF_SERVICE_CHANGED when there are others by now, NO_TERMS_OF_SERVICE when there are none
   */
  async acceptTermsOfService(terms: TermsOfService, options: OrganizationOptions = {}): Promise<void> {
    this.#check(options);
    requireObject("terms", terms);
    const { updatedOn } = terms;
    requireNatural("terms.updatedOn", updatedOn);
    const reply = await this.#context.connection.send(tosAccept, { tosUpdatedOn: updatedOn }, options);
    switch (reply.status) {
      case "ok":
        return;
      case "no_tos":
        throw new ClientError("NO_TERMS_OF_SERVICE");
      case "tos_mismatch":
        throw new ClientError("TERMS_OF_SERVICE_CHANGED");
      default:
        throw new UnexpectedReplyError("tos_accept", reply.status);
    }
  }

  /** @throws ClientError SESSION_CLOSED, InvalidArgumentError */
  #check(options: OrganizationOptions): void {
    throwIfClosed(this.#context);
    requireOptions(options);
  }
}
