import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createParsec, password } from "@parsec/client";
import { DeviceId } from "@parsec/types";
import { expect, onTestFinished, test } from "vitest";
import { readVector } from "../support/organization-dump.ts";

// Folders of the reference client: a copy logs in here without any server, and knows the same people and workspaces.

interface Snapshot {
  readonly name: string;
  readonly device_id: string;
  readonly device_files: readonly { readonly type: string; readonly password: string }[];
  readonly certificates: { readonly rows: readonly { readonly type: string }[] };
  readonly user: {
    readonly user_manifest: {
      readonly local_workspaces: readonly {
        readonly id: { readonly $uuid: string };
        readonly name: string;
        readonly role: string;
        readonly archiving_configuration: { readonly type: string };
      }[];
    };
  };
}

const { snapshots } = readVector<{ snapshots: readonly Snapshot[] }>("local-storage/expected.json");

test.each(snapshots)("$name", { timeout: 60_000 }, async ({ name, device_id, device_files, certificates, user }) => {
  const dir = await mkdtemp(join(tmpdir(), "parsec-reference-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  await cp(new URL(`../vectors/local-storage/${name}`, import.meta.url), dir, { recursive: true });
  const parsec = await createParsec({ dir, sync: "manual" });
  onTestFinished(() => parsec.close());
  expect(await parsec.devices()).toMatchObject([{ deviceId: device_id, protection: { type: "password" } }]);

  const secret = device_files.find(({ type }) => type === "password")?.password ?? "";
  const session = await parsec.login(DeviceId.parse(device_id) ?? DeviceId.generate(), password(secret));
  onTestFinished(() => session.close());
  const users = session.users.list();
  const count = (type: string) => certificates.rows.filter((row) => row.type === type).length;
  expect(users).toHaveLength(count("user_certificate"));
  expect(users.flatMap(({ id }) => session.users.devicesOf(id))).toHaveLength(count("device_certificate"));
  expect(users.filter(({ revokedOn }) => revokedOn !== undefined)).toHaveLength(count("revoked_user_certificate"));
  expect(session.workspaces.list()).toMatchObject(
    user.user_manifest.local_workspaces.map((workspace) => ({
      id: workspace.id.$uuid,
      name: workspace.name,
      role: workspace.role,
      archiving: workspace.archiving_configuration,
      isBootstrapped: true,
    })),
  );
});
