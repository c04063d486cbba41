import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createParsec, password } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "./run.ts";

// What an administrator does with somebody else.

let server: RunningServer;
let dir: string;

beforeAll(async () => {
  server = await startServer({ dev: true });
  dir = await mkdtemp(join(tmpdir(), "parsec-cli-"));
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

/** Alice founds the organization, and Bob joins it: both sides in this process. */
async function meet(): Promise<void> {
  const [hers, his] = [await createParsec({ dir: join(dir, "alice") }), await createParsec({ dir: join(dir, "bob") })];
  const protection = password("P@ss");
  const human = { email: "alice@example.com", label: "Alice" };
  const link = await server.createOrganization("Members");
  const alice = await hers.bootstrap(link, { human, deviceLabel: "pc", protection });
  const { token, link: invitation } = await alice.invitations.inviteUser("bob@example.com");
  const received = await his.openInvitation(invitation);
  if (received.type !== "USER") throw new Error("an invitation of another kind");
  const [greeter, claimer] = await Promise.all([alice.invitations.greetUser(token), received.meet()]);
  const heard = claimer.greeterSasChoices.find((code) => code === greeter.greeterSas);
  if (heard === undefined) throw new Error("the code is not among the choices");
  const [choosing, showing] = await Promise.all([greeter.waitPeerTrust(), claimer.choose(heard)]);
  const answer = choosing.claimerSasChoices.find((code) => code === showing.claimerSas);
  if (answer === undefined) throw new Error("the code is not among the choices");
  const [welcoming, claiming] = await Promise.all([choosing.choose(answer), showing.waitPeerTrust()]);
  await Promise.all([
    welcoming.getRequest().then((request) => request.createUser({ profile: "STANDARD" })),
    claiming.claim({ human: { email: "bob@example.com", label: "Bob" }, deviceLabel: "pc", protection }),
  ]);
  await alice.close();
  await Promise.all([hers.close(), his.close()]);
}

test("a user gets a role, another one, none; another profile; and is revoked", async () => {
  await meet();
  const options = { dir: join(dir, "alice") };
  const bob = "bob@example.com";
  const done = async (...argv: readonly string[]) => {
    const { code, printed, errors } = await run(argv, options);
    expect({ code, errors }, argv.join(" ")).toEqual({ code: 0, errors: [] });
    return printed;
  };
  const listed = async () => (await run(["workspace", "list"], { dir: join(dir, "bob") })).printed;
  await done("workspace", "create", "Docs");
  expect(await done("workspace", "share", "Docs", bob, "--role", "READER")).toEqual([
    "Bob <bob@example.com> is READER now",
  ]);
  expect(await listed()).toEqual([expect.stringMatching(/ READER {2}Docs$/)]);
  expect(await run(["mkdir", "Docs", "/x"], { dir: join(dir, "bob") })).toMatchObject({ code: 4 });
  await done("workspace", "unshare", "Docs", bob);
  expect(await listed()).toEqual([]);
  await done("user", "profile", bob, "admin");
  expect(await done("user", "list")).toContainEqual(expect.stringMatching(/ ADMIN {5}Bob /));
  await done("user", "revoke", bob);
  expect(await done("user", "list")).toHaveLength(1);
  expect(await done("user", "list", "--all")).toContainEqual(expect.stringMatching(/ revoked 20/));
});
