import { readFile, writeFile } from "node:fs/promises";
import { password } from "@parsec/client";
import type { Invocation } from "../invocation.ts";
import { readSecret } from "../secrets.ts";
import { withParsec, withSession } from "../session.ts";

export function exportRecovery(invocation: Invocation): Promise<void> {
  const file = invocation.operand("file");
  const { signal, output } = invocation;
  return withSession(invocation, async (session) => {
    await session.exportRecoveryDevice(invocation.text("deviceLabel") ?? "recovery", {
      signal,
      // Both are kept before the server is asked: whatever happens then, what it may have taken can be used.
      save: async ({ bytes, passphrase }) => {
        await writeFile(file, bytes, { flag: "wx", mode: 0o600, flush: true });
        output.tell({ type: "recovery", file, passphrase }, passphrase);
      },
    });
    output.note(`Keep ${file} and the passphrase apart: together they open everything`);
  });
}

export async function importRecovery(invocation: Invocation): Promise<void> {
  const bytes = await readFile(invocation.operand("file"));
  await withParsec(invocation, async (parsec) => {
    const passphrase = await readSecret(invocation, "passphrase");
    const session = await parsec.recover(bytes, passphrase, {
      deviceLabel: invocation.text("deviceLabel") ?? "command line",
      protection: password(await readSecret(invocation, "password")),
      signal: invocation.signal,
    });
    await session.close();
    invocation.output.tell({ type: "created", id: session.deviceId }, session.deviceId);
  });
}
