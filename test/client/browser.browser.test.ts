import { createParsec, type ParsecOptions, password, type Workspace } from "@parsec/client";
import { memoryDeviceStore } from "@parsec/device";
import { memoryDriver } from "@parsec/storage";
import { OrganizationId, parseServerHttpUrl } from "@parsec/types";
import { describe, expect, inject, test } from "vitest";

// The client in a page, against a real server of another origin.

/** More than a block, and no multiple of one. */
const content = Uint8Array.from({ length: 700_001 }, (_, i) => (i * 31) % 251);

function newOrganization() {
  const server = parseServerHttpUrl(inject("serverUrl"));
  const organizationId = OrganizationId.parse(`Web${crypto.randomUUID().replaceAll("-", "").slice(0, 20)}`);
  return { ...server, kind: "organization_bootstrap", organizationId, token: null } as const;
}

async function readAll(workspace: Workspace, path: string): Promise<Uint8Array> {
  const reader = (await workspace.readFile(path)).getReader();
  const all: number[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Uint8Array.from(all);
    for (const byte of value) all.push(byte);
  }
}

async function only(found: readonly Workspace[]): Promise<Workspace> {
  const [workspace] = found;
  if (workspace === undefined) throw new Error("the workspace is lost");
  return workspace;
}

const storages: readonly (readonly [string, () => ParsecOptions])[] = [
  ["in memory", () => ({ deviceStore: memoryDeviceStore(), storage: memoryDriver() })],
  ["in OPFS and IndexedDB", () => ({ dir: `test-${crypto.randomUUID()}` })],
];

describe.each(storages)("a client in a page, with its storage %s", (_, ports) => {
  test("bootstraps, writes, refuses a wrong password, logs in again and reads", async () => {
    const parsec = await createParsec({ ...ports(), sync: "manual" });
    const alice = await parsec.bootstrap(newOrganization(), {
      human: { email: "alice@example.com", label: "Alice" },
      deviceLabel: "browser",
      protection: password("P@ss"),
    });
    const docs = await alice.workspaces.create("Docs");
    await docs.writeFile("/blob.bin", new Blob([content]));
    await docs.writeFile("/text.txt", "text");
    await docs.sync();
    expect(await docs.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
    await alice.close();

    await expect(parsec.login(alice.deviceId, password("wrong"))).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });
    const again = await parsec.login(alice.deviceId, password("P@ss"));
    const same = await only(await again.workspaces.find("Docs"));
    expect(await readAll(same, "/blob.bin")).toEqual(content);
    expect(new TextDecoder().decode(await readAll(same, "/text.txt"))).toBe("text");
    await again.close();
    await parsec.close();
  });
});
