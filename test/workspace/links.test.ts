import { ready } from "@parsec/crypto";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { formatAddress, parseAddress } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf } from "../support/assertions.ts";
import { LooseDevices } from "../support/loose-devices.ts";
import { countedDevice, someDevices } from "../support/some-devices.ts";
import { names, pattern, readText } from "../support/two-devices.ts";

// Links to paths, what is known of a workspace, and which content is here.

let server: RunningServer;

beforeAll(async () => {
  await ready();
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

describe("a link to a path", () => {
  test("is opened by another device, in each of its forms, also after the key was changed", async () => {
    const [one, two] = await someDevices(server, 2);
    const before = await one.workspace.linkTo("/d/Été.txt");
    expect(before.link).toMatch(/^parsec3:/);
    expect(parseAddress("workspace_path", before.link)).toMatchObject({
      workspaceId: one.workspace.id,
      organizationId: one.session.organizationId,
      keyIndex: before.address.keyIndex,
    });
    await one.workspace.rotateKey();
    const after = await one.workspace.linkTo("/");
    expect(after.address.keyIndex).toBe(before.address.keyIndex + 1);
    // Of the new key the other device has not heard yet.
    expect(await two.workspace.openLink(after.link)).toBe("/");
    for (const form of [before.link, before.address, before.redirection]) {
      expect(await two.workspace.openLink(form)).toBe("/d/Été.txt");
    }
  });

  test("that is damaged, of another workspace or of a key that there is not is refused", async () => {
    const [{ workspace, session }] = await someDevices(server, 1);
    const { address } = await workspace.linkTo("/d");
    const other = await session.workspaces.create("Other");
    expect(await codeOf(other.openLink(address))).toBe("LINK_OF_OTHER_WORKSPACE");
    const encryptedPath = address.encryptedPath.slice().fill(7, -3);
    expect(await codeOf(workspace.openLink(formatAddress({ ...address, encryptedPath })))).toBe("LINK_CORRUPTED");
    expect(await codeOf(workspace.openLink({ ...address, encryptedPath: new Uint8Array(3) }))).toBe("LINK_CORRUPTED");
    expect(await codeOf(workspace.openLink({ ...address, keyIndex: 9 }))).toBe("REALM_KEY_NOT_FOUND");
    expect(await codeOf(Reflect.apply(workspace.openLink, workspace, [5]))).toBe("INVALID_ARGUMENT");
    expect(await codeOf(other.linkTo("/"))).toBe("NO_REALM_KEY");
  });
});

test("isLocal tells whether a file can be read without the network", async () => {
  const [one, two] = await someDevices(server, 2);
  await one.workspace.writeFile("/f", pattern(1_200_000, 1));
  await one.workspace.writeFile("/empty", "");
  expect(await one.workspace.isLocal("/f")).toBe(true);
  await one.workspace.sync();
  expect(await one.workspace.isLocal("/f")).toBe(true);
  await two.workspace.sync();
  expect(await two.workspace.isLocal("/f")).toBe(false);
  expect(await two.workspace.isLocal("/empty")).toBe(true);
  await using handle = await two.workspace.open("/f");
  await handle.read(0, 10);
  expect(await two.workspace.isLocal("/f")).toBe(false);
  await handle.read(0, 1_200_000);
  expect(await two.workspace.isLocal("/f")).toBe(true);
  expect(await codeOf(two.workspace.isLocal("/"))).toBe("ENTRY_IS_FOLDER");
  expect(await codeOf(two.workspace.isLocal("/none"))).toBe("ENTRY_NOT_FOUND");
});

test("a workspace tells where its name, role and state come from, and whether it is open", async () => {
  const [{ session, workspace }] = await someDevices(server, 1);
  const certificate = { type: "CERTIFICATE", timestamp: expect.any(Number) };
  expect(workspace.info).toMatchObject({ nameOrigin: certificate, roleOrigin: certificate, isStarted: true });
  expect(workspace.info.archivingOrigin).toEqual({ type: "PLACEHOLDER" });
  await workspace.close();
  expect(session.workspaces.info(workspace.id).isStarted).toBe(false);
  await session.workspaces.get(workspace.id);
  expect(session.workspaces.list().map(({ isStarted }) => isStarted)).toEqual([true]);
  const fresh = await session.workspaces.create("Fresh");
  expect(fresh.info).toMatchObject({ nameOrigin: { type: "PLACEHOLDER" }, isStarted: true });
});

test.each([
  ["*.secret\n# a comment\n\nkeep ?.txt", ["b.tmp"]],
  // A text that is none: the default patterns.
  ["[", ["a.secret", "keep 1.txt"]],
  ["# nothing stays", ["a.secret", "b.tmp", "keep 1.txt"]],
])("names that stay on the device may come as a text: %j", async (preventSyncPatterns, expected) => {
  const devices = await LooseDevices.load(server);
  const [one, two] = [
    await countedDevice(devices, 0, { preventSyncPatterns, storage: memoryDriver() }),
    await countedDevice(devices, 1, { preventSyncPatterns: [] }),
  ];
  for (const name of ["a.secret", "b.tmp", "keep 1.txt"]) await one.workspace.writeFile(`/${name}`, name);
  await one.workspace.sync();
  await two.workspace.sync();
  expect(await names(two.workspace)).toEqual(expected);
  // What stayed goes up as soon as its name lets it.
  if (!expected.includes("a.secret")) {
    await one.workspace.move("/a.secret", "/a.public");
    await one.workspace.sync();
    await two.workspace.sync();
    expect(await readText(two.workspace, "/a.public")).toBe("a.secret");
  }
});
