import { organizationBootstrap } from "@parsec/protocol";
import { SequesterAuthorityCertificate, shownDeviceLabel, shownHumanHandle } from "@parsec/types";
import { signedBy } from "../../rules/certificate.ts";
import { checkNewUser, enrollUser } from "../../rules/new-user.ts";
import { outOfBallpark } from "../../rules/timestamp.ts";
import { anonymous } from "../handler.ts";
import { isReply } from "../reply.ts";

const invalid = { status: "invalid_certificate" } as const;

/** Spec 08b §1.1. */
export const organizationBootstrapHandler = anonymous(organizationBootstrap).inSteps(async (call, request) => {
  const root = { key: request.rootVerifyKey, author: null };
  const result = await call.transaction(async (scope) => {
    const { tx, organizationId } = scope;
    const checked = checkNewUser(scope, root, request, { mustBeAdmin: true });
    if (isReply(checked)) return checked;
    const { user, device } = checked;

    const authorityBytes = request.sequesterAuthorityCertificate;
    const authority =
      authorityBytes === null ? null : signedBy(root.key, null, SequesterAuthorityCertificate, authorityBytes);
    if (authority === undefined) return invalid;
    if (authority !== null) {
      const drift = outOfBallpark(scope, authority.timestamp);
      if (drift !== undefined) return drift;
      if (authority.timestamp !== user.timestamp) return invalid;
    }

    await tx.lock(organizationId, "common", "write");
    if (authority !== null) await tx.lock(organizationId, "sequester", "write");
    const organization = await tx.organizations.find(organizationId);
    if (organization?.bootstrap !== null) return { status: "organization_already_bootstrapped" } as const;
    if (organization.bootstrapToken !== request.bootstrapToken) return { status: "invalid_bootstrap_token" } as const;

    await tx.organizations.setBootstrap(organizationId, {
      on: user.timestamp,
      rootVerifyKey: request.rootVerifyKey.toBytes(),
      sequesterAuthority:
        authority === null || authorityBytes === null
          ? null
          : { certificate: authorityBytes, verifyKeyDer: authority.verifyKeyDer.toBytes() },
    });
    await enrollUser(scope, { user, device }, request);
    if (authority !== null) await tx.topics.advance(organizationId, "sequester", authority.timestamp);
    return { organizationId, user, device };
  });
  if (isReply(result)) return result;

  const { bootstrapWebhook } = call.server.config;
  if (bootstrapWebhook !== null) {
    const { email, label } = shownHumanHandle(result.user);
    await call.server.webhooks.noticeBootstrap(bootstrapWebhook, {
      organizationId: result.organizationId,
      deviceId: result.device.deviceId,
      deviceLabel: shownDeviceLabel(result.device),
      humanEmail: email,
      humanLabel: label,
    });
  }
  return { status: "ok" };
});
