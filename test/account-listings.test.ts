import { AuthenticatedConnection } from "@parsec/connection";
import { ready } from "@parsec/crypto";
import { inviteCancel, inviteNewDevice, inviteNewUser } from "@parsec/protocol";
import { EmailAddress, parseAddress } from "@parsec/types";
import { beforeAll, expect, test } from "vitest";
import { newAccount, startAccountServer } from "../packages/account/test/support/real-server.ts";
import { bootstrap } from "../packages/connection/test/support/real-organization.ts";

beforeAll(() => ready());

test("the invitations and the users of an e-mail address, in all organizations", async () => {
  const { running, server, clock } = await startAccountServer();
  const bootstrapAddress = parseAddress("organization_bootstrap", await running.createOrganization("Acme"));
  // The first user is alice@example.com.
  const device = await bootstrap(bootstrapAddress, server.transport, clock);
  const connection = new AuthenticatedConnection(device);
  const bob = EmailAddress.parse("bob@example.com");
  const invited = await connection.send(inviteNewUser, { claimerEmail: bob, sendEmail: false });
  const ownDevice = await connection.send(inviteNewDevice, { sendEmail: false });
  if (invited.status !== "ok" || ownDevice.status !== "ok") return expect.unreachable();

  const aliceAccount = await newAccount(running, server);
  const bobAccount = await newAccount(running, server, { email: bob });
  const { organizationId } = device.address;
  const common = { ...server.address, kind: "invitation", organizationId };
  expect(await aliceAccount.listInvitations()).toEqual([
    { ...common, invitationType: "DEVICE", token: ownDevice.token },
  ]);
  expect(await bobAccount.listInvitations()).toEqual([{ ...common, invitationType: "USER", token: invited.token }]);

  expect(await aliceAccount.listOrganizations()).toMatchObject({
    active: [{ organizationId, userId: device.userId, isFrozen: false, currentProfile: "ADMIN" }],
    revoked: [],
  });
  expect(await bobAccount.listOrganizations()).toEqual({ active: [], revoked: [] });

  await connection.send(inviteCancel, { token: invited.token });
  expect(await bobAccount.listInvitations()).toEqual([]);
});
