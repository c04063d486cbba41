import { type OrganizationId, UserProfile, ValidationCode, type VlobId } from "@parsec/types";
import { codePurposes } from "../../src/store/port/accounts.ts";
import type { Transaction } from "../../src/store/port/store.ts";
import { organizationRow, realmRow, userRow, vlobRow } from "./rows.ts";
import {
  attempts,
  authMethods,
  blocks,
  type Choices,
  certified,
  devices,
  emails,
  enrollments,
  fingerprints,
  labelOf,
  opaqueKeys,
  organizations,
  realms,
  services,
  signatureOf,
  targetOf,
  tokens,
  users,
  vlobs,
} from "./store-pools.ts";

type Write = (tx: Transaction, choices: Choices) => Promise<unknown>;

/** An organization and a realm of it that exist, or nothing is done. */
function inRealm(
  write: (tx: Transaction, choices: Choices, organizationId: OrganizationId, realmId: VlobId) => Promise<unknown>,
): Write {
  return async (tx, choices) => {
    const [organizationId, realmId] = [choices.of(organizations), choices.of(realms)];
    if ((await tx.organizations.find(organizationId)) === undefined) return;
    await tx.lock(organizationId, "common", "read");
    await tx.lock(organizationId, { realm: realmId }, "write");
    if ((await tx.realms.find(organizationId, realmId)) === undefined) return;
    await write(tx, choices, organizationId, realmId);
  };
}

function inOrganization(
  write: (tx: Transaction, choices: Choices, organizationId: OrganizationId) => Promise<unknown>,
): Write {
  return async (tx, choices) => {
    const organizationId = choices.of(organizations);
    if ((await tx.organizations.find(organizationId)) !== undefined) await write(tx, choices, organizationId);
  };
}

/** Writes as commands do them: each looks first whether what it names is there. */
export const writes: readonly Write[] = [
  async (tx, choices) => {
    const organizationId = choices.of(organizations);
    const row = organizationRow(organizationId, choices.date());
    const bootstrapToken = choices.of([null, ...tokens]);
    if ((await tx.organizations.find(organizationId))?.bootstrap == null) {
      await tx.organizations.put({ ...row, bootstrapToken });
    }
  },
  inOrganization((tx, choices, organizationId) => {
    const authority = { certificate: choices.bytes(), verifyKeyDer: choices.bytes() };
    const bootstrap = {
      on: choices.date(),
      rootVerifyKey: choices.bytes(),
      sequesterAuthority: choices.of([null, authority]),
    };
    return tx.organizations.setBootstrap(organizationId, bootstrap);
  }),
  inOrganization((tx, choices, organizationId) => {
    const tos = { perLocaleUrls: new Map([["en", choices.text()]]), updatedOn: choices.date() };
    return tx.organizations.configure(
      organizationId,
      choices.of([
        { isExpired: choices.bool() },
        { activeUsersLimit: choices.of([null, 0, 2 ** 40]) },
        { tos: choices.of([null, tos]), userProfileOutsiderAllowed: choices.bool() },
        { allowedClientAgent: choices.of(["NATIVE_ONLY", "NATIVE_OR_WEB"] as const) },
        { realmMinimumArchivingPeriodBeforeDeletion: choices.number(9) },
        {},
      ]),
    );
  }),
  async (tx, choices) => {
    if (choices.number(4) === 0) await tx.organizations.remove(choices.of(organizations));
    else await tx.organizations.forgetSpontaneous(choices.number(3));
  },
  inOrganization(async (tx, choices, organizationId) => {
    await tx.lock(organizationId, "common", "write");
    await tx.topics.advance(organizationId, "common", choices.date());
  }),
  inOrganization(async (tx, choices, organizationId) => {
    const humanHandle = labelOf(choices);
    const userId = choices.of(users);
    if ((await tx.users.find(organizationId, userId)) !== undefined) return;
    if ((await tx.users.findActiveByEmail(organizationId, humanHandle.email)) !== undefined) return;
    const currentProfile = choices.of(UserProfile.values);
    const certifiedBy = choices.of([null, ...devices]);
    await tx.users.insert(
      organizationId,
      userRow(choices.date(), { userId, humanHandle, currentProfile, certifiedBy }),
    );
  }),
  inOrganization(async (tx, choices, organizationId) => {
    const userId = choices.of(users);
    const user = await tx.users.find(organizationId, userId);
    if (user === undefined) return;
    const change = choices.number(4);
    if (change === 0) await tx.users.setFrozen(organizationId, userId, choices.bool());
    if (change === 1) await tx.users.setTosAccepted(organizationId, userId, choices.date());
    if (change === 2)
      await tx.users.setProfile(organizationId, {
        userId,
        profile: choices.of(UserProfile.values),
        ...certified(choices),
      });
    if (change === 3 && user.revocation === null) {
      await tx.users.setRevoked(organizationId, userId, {
        on: choices.date(),
        by: choices.of(devices),
        certificate: choices.bytes(),
      });
    }
  }),
  inOrganization(async (tx, choices, organizationId) => {
    const [userId, deviceId] = [choices.of(users), choices.of(devices)];
    if ((await tx.users.find(organizationId, userId)) === undefined) return;
    if ((await tx.users.findDevice(organizationId, deviceId)) !== undefined) return;
    await tx.users.insertDevice(organizationId, {
      deviceId,
      userId,
      verifyKey: choices.bytes(),
      certificate: choices.bytes(),
      redactedCertificate: choices.bytes(),
      certifiedBy: choices.of([null, ...devices]),
      createdOn: choices.date(),
    });
  }),
  async (tx, choices) => {
    const [organizationId, realmId] = [choices.of(organizations), choices.of(realms)];
    if ((await tx.organizations.find(organizationId)) === undefined) return;
    if ((await tx.realms.find(organizationId, realmId)) !== undefined) return;
    await tx.realms.insert(organizationId, realmRow(realmId, choices.date()));
  },
  inRealm(async (tx, choices, organizationId, realm) => {
    await tx.topics.advance(organizationId, { realm }, choices.date());
    await tx.realms.setStatus(organizationId, realm, choices.of(["AVAILABLE", "ARCHIVED_OR_DELETION_PLANNED"]));
  }),
  inRealm((tx, choices, organizationId, realmId) =>
    tx.realms.addRole(organizationId, {
      realmId,
      userId: choices.of(users),
      role: choices.of([null, "OWNER", "READER"]),
      ...certified(choices),
    }),
  ),
  inRealm((tx, choices, organizationId, realmId) =>
    tx.realms.addName(organizationId, { realmId, ...certified(choices) }),
  ),
  inRealm((tx, choices, organizationId, realmId) => {
    const planned = { type: "DELETION_PLANNED", deletionDate: choices.date() } as const;
    const configuration = choices.of([planned, { type: "AVAILABLE" } as const, { type: "ARCHIVED" } as const]);
    return tx.realms.addArchiving(organizationId, { realmId, configuration, ...certified(choices) });
  }),
  inRealm(async (tx, choices, organizationId, realmId) => {
    const keyIndex = ((await tx.realms.find(organizationId, realmId))?.keyIndex ?? 0) + 1;
    if ((await tx.realms.rotation(organizationId, realmId, keyIndex)) !== undefined) return;
    await tx.realms.addRotation(organizationId, {
      realmId,
      keyIndex,
      keysBundle: choices.bytes(),
      ...certified(choices),
    });
  }),
  inRealm((tx, choices, organizationId, realmId) =>
    tx.realms.addAccess(organizationId, realmId, {
      userId: choices.of(users),
      keyIndex: choices.number(3),
      access: choices.bytes(),
      givenOn: choices.date(),
      fromSharing: choices.bool(),
    }),
  ),
  inRealm((tx, choices, organizationId, realmId) =>
    tx.realms.addServiceAccess(organizationId, realmId, {
      serviceId: choices.of(services),
      keyIndex: choices.number(3),
      access: choices.bytes(),
    }),
  ),
  inRealm(async (tx, choices, organizationId, realmId) => {
    const vlobId = choices.of(vlobs);
    const version = (await tx.vlobs.lastVersion(organizationId, realmId, vlobId)) + 1;
    const changes = {
      vlobId,
      version,
      blob: choices.bytes(),
      author: choices.of(devices),
      keyIndex: choices.number(3),
    };
    await tx.vlobs.insert(organizationId, realmId, vlobRow(choices.date(), changes));
  }),
  inRealm(async (tx, choices, organizationId, realmId) => {
    const blockId = choices.of(blocks);
    if ((await tx.blocks.find(organizationId, realmId, blockId)) !== undefined) return;
    const row = {
      blockId,
      author: choices.of(devices),
      size: choices.number(99),
      digest: choices.bool() ? choices.bytes() : null,
      keyIndex: 1,
      createdOn: choices.date(),
    };
    await tx.blocks.insert(organizationId, realmId, row);
  }),
  inRealm(async (tx, choices, organizationId, realmId) => {
    if (choices.number(4) === 0) await tx.realms.erase(organizationId, realmId, choices.date());
  }),
  inRealm((tx, choices, organizationId, realmId) =>
    tx.cryptpad.put(organizationId, realmId, {
      documentId: choices.of(vlobs),
      author: choices.of(devices),
      createdOn: choices.date(),
      keyIndex: choices.number(3),
      encryptedViewKey: choices.bytes(),
      encryptedEditKey: choices.of([null, choices.bytes()]),
    }),
  ),
  inOrganization(async (tx, choices, organizationId) => {
    const token = choices.of(tokens);
    const known = await tx.invitations.find(organizationId, token);
    const end = {
      on: choices.date(),
      reason: choices.of(["FINISHED", "CANCELLED"] as const),
      by: choices.of([null, ...devices]),
    };
    if (known !== undefined) await tx.invitations.setEnded(organizationId, token, end);
    else {
      const target = targetOf(choices);
      const row = { token, target, createdBy: choices.of(devices), createdOn: choices.date(), ended: null };
      await tx.invitations.insert(organizationId, row);
    }
  }),
  inOrganization(async (tx, choices, organizationId) => {
    const [token, greeter, attemptId] = [choices.of(tokens), choices.of(users), choices.of(attempts)];
    const known = await tx.invitations.findAttempt(organizationId, attemptId);
    const cancellation = { origin: "GREETER", reason: "MANUALLY_CANCELLED", timestamp: choices.date() } as const;
    await tx.invitations.putAttempt(organizationId, {
      attemptId,
      token: known?.token ?? token,
      greeter: known?.greeter ?? greeter,
      joined: { GREETER: choices.of([null, choices.date()]), CLAIMER: choices.of([null, choices.date()]) },
      cancellation: choices.of([null, cancellation]),
    });
  }),
  inOrganization(async (tx, choices, organizationId) => {
    const attemptId = choices.of(attempts);
    if ((await tx.invitations.findAttempt(organizationId, attemptId)) === undefined) return;
    const row = { GREETER: choices.of([null, choices.bytes()]), CLAIMER: choices.of([null, choices.bytes()]) };
    if (choices.number(4) === 0) await tx.invitations.removeSteps(organizationId, attemptId);
    else await tx.invitations.putStep(organizationId, attemptId, choices.number(3), row);
  }),
  inOrganization((tx, choices, organizationId) =>
    tx.invitations.forgetAttempts(organizationId, choices.of(tokens), choices.of(users), choices.number(3)),
  ),
  inOrganization(async (tx, choices, organizationId) => {
    const [userId, createdOn] = [choices.of(users), choices.date()];
    await tx.lock(organizationId, "common", "read");
    await tx.lock(organizationId, "shamir_recovery", "write");
    const active = await tx.shamir.findActive(organizationId, userId);
    const deletion = { on: choices.date(), by: choices.of(devices), certificate: choices.bytes() };
    if (active !== undefined) await tx.shamir.setDeleted(organizationId, userId, active.createdOn, deletion);
    else if ((await tx.shamir.find(organizationId, userId, createdOn)) === undefined) {
      await tx.shamir.insert(organizationId, {
        userId,
        createdOn,
        author: choices.of(devices),
        briefCertificate: choices.bytes(),
        revealToken: choices.of(tokens),
        threshold: choices.number(9),
        cipheredData: choices.bytes(),
        shares: users
          .slice(choices.number(3))
          .reverse()
          .map((recipient) => ({ recipient, weight: 1 + choices.number(3), certificate: choices.bytes() })),
        deletion: null,
      });
    }
  }),
  inOrganization((tx, choices, organizationId) =>
    tx.sequester.put(organizationId, {
      serviceId: choices.of(services),
      label: choices.text(),
      certificate: choices.bytes(),
      createdOn: choices.date(),
      config: choices.of([{ type: "storage" } as const, { type: "webhook", webhookUrl: choices.text() } as const]),
      revocation: choices.of([null, { on: choices.date(), certificate: choices.bytes() }]),
    }),
  ),
  inOrganization(async (tx, choices, organizationId) => {
    const [enrollmentId, email] = [choices.of(enrollments), choices.of(emails)];
    const known = await tx.enrollments.find(organizationId, enrollmentId);
    const ended = { status: choices.of(["REJECTED", "CANCELLED"] as const), on: choices.date() };
    const accepted = {
      status: "ACCEPTED",
      on: choices.date(),
      payload: choices.bytes(),
      signature: signatureOf(choices),
    } as const;
    if (known !== undefined) {
      if (known.state.status === "SUBMITTED")
        await tx.enrollments.setState(organizationId, enrollmentId, choices.of([ended, accepted]));
    } else if ((await tx.enrollments.findSubmitted(organizationId, email)) === undefined) {
      const state = { status: "SUBMITTED" } as const;
      const row = {
        enrollmentId,
        email,
        submittedOn: choices.date(),
        payload: choices.bytes(),
        signature: signatureOf(choices),
        state,
      };
      await tx.enrollments.insert(organizationId, row);
    }
  }),
  inOrganization((tx, choices, organizationId) => tx.enrollments.forgetCancelled(organizationId, choices.number(2))),
  inOrganization((tx, choices, organizationId) =>
    tx.totp.putSetup(
      organizationId,
      choices.of(users),
      choices.of([
        { completed: true, secret: choices.bytes(), resetToken: null },
        { completed: false, secret: null, resetToken: choices.of(tokens) },
      ]),
    ),
  ),
  inOrganization((tx, choices, organizationId) =>
    tx.totp.putKey(organizationId, {
      opaqueKeyId: choices.of(opaqueKeys),
      userId: choices.of(users),
      opaqueKey: choices.bytes(),
      failedAttempts: choices.number(5),
      lastFailedAttempt: choices.of([null, choices.date()]),
    }),
  ),
  (tx, choices) => tx.accounts.put({ humanHandle: labelOf(choices), deletedOn: choices.of([null, choices.date()]) }),
  async (tx, choices) => {
    const { vaultId } = await tx.accounts.addVault(choices.of(emails));
    const authMethodId = choices.of(authMethods);
    if ((await tx.accounts.findAuthMethod(authMethodId)) !== undefined) return;
    await tx.accounts.insertAuthMethod({
      authMethodId,
      vaultId,
      createdOn: choices.date(),
      createdByIp: "::1",
      createdByUserAgent: choices.text(),
      macKey: choices.bytes(),
      vaultKeyAccess: choices.bytes(),
      passwordAlgorithm: choices.of([
        null,
        { type: "ARGON2ID", memlimitKb: 131_072, opslimit: 3, parallelism: 1 } as const,
      ]),
      disabledOn: choices.of([null, choices.date()]),
    });
  },
  async (tx, choices) => {
    const [vault] = await tx.accounts.vaults(choices.of(emails));
    const fingerprint = choices.of(fingerprints);
    if (vault === undefined || (await tx.accounts.items(vault.vaultId)).has(fingerprint)) return;
    await tx.accounts.addItem(vault.vaultId, fingerprint, choices.bytes());
  },
  async (tx, choices) => {
    const authMethodId = choices.of(authMethods);
    if ((await tx.accounts.findAuthMethod(authMethodId)) === undefined) return;
    await tx.accounts.setAuthMethodDisabled(authMethodId, choices.date());
  },
  async (tx, choices) => {
    const [purpose, email] = [choices.of(codePurposes), choices.of(emails)];
    const row = { code: ValidationCode.parse("ABCDEF"), createdOn: choices.date(), failedAttempts: choices.number(4) };
    const change = choices.number(5);
    if (change === 0) await tx.accounts.removeValidationCode(purpose, email);
    else if (change === 1) await tx.accounts.removeValidationCodes(email);
    else if (change === 2) await tx.accounts.forgetValidationCodes(choices.date());
    else await tx.accounts.putValidationCode(purpose, email, row);
  },
];
