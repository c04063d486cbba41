import { orAbort, requireArgument, requireText } from "@parsec/base";
import {
  type InviteListItem,
  inviteCancel,
  inviteList,
  inviteNewDevice,
  inviteNewShamirRecovery,
  inviteNewUser,
} from "@parsec/protocol";
import {
  type AccessToken,
  EmailAddress,
  formatAddress,
  formatRedirection,
  type InvitationAddress,
  type UserId,
} from "@parsec/types";
import { requireId, requireOptions } from "../arguments.ts";
import { UnexpectedReplyError } from "../errors.ts";
import { throwIfClosed } from "../session/closed.ts";
import type { SessionContext } from "../session/context.ts";
import { InvitationError } from "./errors.ts";
import type { GreeterShowsCode } from "./greet.ts";
import type { StepOptions } from "./greeting/attempt.ts";
import type { ShareRequest } from "./recovery/greet-recovery.ts";
import type { DeviceRequest, UserRequest } from "./requests.ts";

export interface InviteOptions extends StepOptions {
  /** Let the server send the link by e-mail. Default false: hand it over yourself. */
  readonly sendEmail?: boolean | undefined;
}

/** What the claimer opens. */
export interface InvitationLinks {
  readonly address: InvitationAddress;
  /** `parsec3://…` */
  readonly link: string;
  /** `https://…/redirect/…`, for a browser. */
  readonly redirection: string;
}

/** An invitation as the server lists it, with its links. */
export type ListedInvitation = InviteListItem & InvitationLinks;

/** An invitation that was made, or that was there already. */
export interface NewInvitation extends InvitationLinks {
  readonly token: AccessToken;
  /** What became of the e-mail. */
  readonly emailSent: "SUCCESS" | "SERVER_UNAVAILABLE" | "RECIPIENT_REFUSED";
}

/**
 * The invitations of a session: making, listing and cancelling them, and greeting (spec 09b §2–§4). What greets is
 * loaded when somebody does.
 */
export class Invitations {
  readonly #context: SessionContext;

  /** @internal */
  constructor(context: SessionContext) {
    this.#context = context;
  }

  /**
   * Invites a user, as an ADMIN. A pending invitation of that e-mail address is given again.
   * @throws InviteUserError
   */
  async inviteUser(email: string, options: InviteOptions = {}): Promise<NewInvitation> {
    this.#check(options);
    requireText("email", email);
    const fields = { claimerEmail: EmailAddress.parse(email), sendEmail: options.sendEmail ?? false };
    const reply = await this.#context.connection.send(inviteNewUser, fields, options);
    switch (reply.status) {
      case "ok":
        return newInvitation(reply, this.#links("USER", reply.token));
      case "author_not_allowed":
        throw new InvitationError("NOT_ALLOWED");
      case "claimer_email_already_enrolled":
        throw new InvitationError("CLAIMER_ALREADY_ENROLLED");
      default:
        throw new UnexpectedReplyError("invite_new_user", reply.status);
    }
  }

  /** Invites another device of the own user. @throws ConnectionError, UnexpectedReplyError */
  async inviteDevice(options: InviteOptions = {}): Promise<NewInvitation> {
    this.#check(options);
    const fields = { sendEmail: options.sendEmail ?? false };
    const reply = await this.#context.connection.send(inviteNewDevice, fields, options);
    if (reply.status !== "ok") throw new UnexpectedReplyError("invite_new_device", reply.status);
    return newInvitation(reply, this.#links("DEVICE", reply.token));
  }

  /**
   * Invites a user to recover a device, as one who holds shares of theirs.
   * @throws InviteRecoveryError
   */
  async inviteRecovery(claimerUserId: UserId, options: InviteOptions = {}): Promise<NewInvitation> {
    this.#check(options);
    requireId("claimerUserId", claimerUserId);
    const fields = { claimerUserId, sendEmail: options.sendEmail ?? false };
    const reply = await this.#context.connection.send(inviteNewShamirRecovery, fields, options);
    switch (reply.status) {
      case "ok":
        return newInvitation(reply, this.#links("SHAMIR_RECOVERY", reply.token));
      case "author_not_allowed":
        throw new InvitationError("NOT_ALLOWED");
      case "user_not_found":
        throw new InvitationError("CLAIMER_NOT_FOUND");
      default:
        throw new UnexpectedReplyError("invite_new_shamir_recovery", reply.status);
    }
  }

  /**
   * Those that this user could greet, whatever their status, in the order of the server.
   * @throws ConnectionError, UnexpectedReplyError
   */
  async list(options: StepOptions = {}): Promise<readonly ListedInvitation[]> {
    this.#check(options);
    const reply = await this.#context.connection.send(inviteList, {}, options);
    if (reply.status !== "ok") throw new UnexpectedReplyError("invite_list", reply.status);
    return reply.invitations.map((item) => ({ ...item, ...this.#links(item.type, item.token) }));
  }

  /** A claimer who greets meanwhile is cut off. @throws CancelInvitationError */
  async cancel(token: AccessToken, options: StepOptions = {}): Promise<void> {
    this.#check(options);
    requireId("token", token);
    const reply = await this.#context.connection.send(inviteCancel, { token }, options);
    switch (reply.status) {
      case "ok":
        return;
      case "author_not_allowed":
        throw new InvitationError("NOT_ALLOWED");
      case "invitation_completed":
        throw new InvitationError("INVITATION_COMPLETED");
      case "invitation_already_cancelled":
        throw new InvitationError("INVITATION_CANCELLED");
      case "invitation_not_found":
        throw new InvitationError("INVITATION_NOT_FOUND");
      default:
        throw new UnexpectedReplyError("invite_cancel", reply.status);
    }
  }

  /** Waits for the claimer of a user invitation; then both compare codes. @throws MeetClaimerError */
  async greetUser(token: AccessToken, options: StepOptions = {}): Promise<GreeterShowsCode<UserRequest>> {
    this.#check(options);
    requireId("token", token);
    const { greetUser } = await orAbort(import("./greet.ts"), options.signal);
    return greetUser(this.#context, token, options);
  }

  /** Waits for the own other device; then both compare codes. @throws MeetClaimerError */
  async greetDevice(token: AccessToken, options: StepOptions = {}): Promise<GreeterShowsCode<DeviceRequest>> {
    this.#check(options);
    requireId("token", token);
    const { greetDevice } = await orAbort(import("./greet.ts"), options.signal);
    return greetDevice(this.#context, token, options);
  }

  /**
   * Waits for a user of whom this one holds recovery shares; then both compare codes, and `sendShares` gives them.
   * @throws GreetRecoveryError
   */
  async greetRecovery(token: AccessToken, options: StepOptions = {}): Promise<GreeterShowsCode<ShareRequest>> {
    this.#check(options);
    requireId("token", token);
    const { greetRecovery } = await orAbort(import("./recovery/greet-recovery.ts"), options.signal);
    return greetRecovery(this.#context, token, options);
  }

  /** @throws ClientError SESSION_CLOSED, InvalidArgumentError */
  #check(options: InviteOptions): void {
    throwIfClosed(this.#context);
    requireOptions(options);
    const { sendEmail } = options;
    requireArgument(
      "options.sendEmail",
      sendEmail,
      "true or false",
      ["boolean", "undefined"].includes(typeof sendEmail),
    );
  }

  #links(invitationType: InvitationAddress["invitationType"], token: AccessToken): InvitationLinks {
    const { serverUrl, organizationId } = this.#context.device;
    const address: InvitationAddress = { ...serverUrl, kind: "invitation", organizationId, invitationType, token };
    return { address, link: formatAddress(address), redirection: formatRedirection(address) };
  }
}

function newInvitation(
  { token, emailSent }: Pick<NewInvitation, "token" | "emailSent">,
  links: InvitationLinks,
): NewInvitation {
  return { token, emailSent, ...links };
}
