import type { SendOptions } from "@parsec/connection";
import {
  accountDeleteProceed,
  accountDeleteSendValidationEmail,
  inviteSelfList,
  organizationSelfList,
  type SelfActiveUser,
  type SelfRevokedUser,
} from "@parsec/protocol";
import type { AccountAuthMethodId, HumanHandle, InvitationAddress, ServerAddress } from "@parsec/types";
import { requireCode, requireOptions } from "./arguments.ts";
import { AuthMethods } from "./auth-methods.ts";
import { expectOk } from "./reply.ts";
import type { AccountSession } from "./session.ts";
import { parseValidationCode } from "./validation-code.ts";
import { Vault } from "./vault/vault.ts";

/** The users that have the account's e-mail address, in all organizations of the server. */
export interface AccountOrganizations {
  /** Frozen ones and those of expired organizations included. */
  readonly active: readonly SelfActiveUser[];
  readonly revoked: readonly SelfRevokedUser[];
}

/**
 * An account that is logged in (spec 07 §7). Operations run one after the other.
 */
export class Account implements AsyncDisposable {
  readonly address: ServerAddress;
  readonly humanHandle: HumanHandle;
  readonly authMethods: AuthMethods;
  readonly vault: Vault;
  readonly #session: AccountSession;

  /** Made by `logIn`. */
  constructor(session: AccountSession) {
    this.address = session.server.address;
    this.humanHandle = session.humanHandle;
    this.authMethods = new AuthMethods(session);
    this.vault = new Vault(session);
    this.#session = session;
  }

  /** The authentication method in use. */
  get authMethodId(): AccountAuthMethodId {
    return this.#session.authMethodId;
  }

  /** False from the moment that it is being logged out. */
  get isLoggedIn(): boolean {
    return this.#session.isOpen;
  }

  /** The open invitations of the account's e-mail address, in all organizations. @throws LoggedInError */
  async listInvitations(options: SendOptions = {}): Promise<readonly InvitationAddress[]> {
    requireOptions(options);
    const { invitations } = expectOk(await this.#session.send(inviteSelfList, {}, options));
    return invitations.map(([organizationId, token, invitationType]) => ({
      ...this.address,
      kind: "invitation",
      organizationId,
      invitationType,
      token,
    }));
  }

  /** The users of that e-mail address. @throws LoggedInError */
  async listOrganizations(options: SendOptions = {}): Promise<AccountOrganizations> {
    requireOptions(options);
    const { active, revoked } = expectOk(await this.#session.send(organizationSelfList, {}, options));
    return { active, revoked };
  }

  /**
   * Deletion, step 1: asks for the e-mail with the code.
   * @throws SendCodeError; the `EmailRateLimitedError` among them tells how long to wait
   */
  async sendDeletionCode(options: SendOptions = {}): Promise<void> {
    requireOptions(options);
    expectOk(await this.#session.send(accountDeleteSendValidationEmail, {}, options));
  }

  /**
   * Deletion, step 2: deletes the account for good and logs out. Device files that its vault protects open no more.
   * @throws CodeError
   */
  async delete(code: string, options: SendOptions = {}): Promise<void> {
    requireCode(code);
    requireOptions(options);
    const validationCode = parseValidationCode(code);
    expectOk(await this.#session.send(accountDeleteProceed, { validationCode }, options));
    await this.logOut();
  }

  /** Lets the operation under way finish, for a moment, and wipes the keys. Nothing is sent. Idempotent. */
  async logOut(): Promise<void> {
    await this.#session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.logOut();
  }
}
