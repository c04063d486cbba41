import { readFile } from "node:fs/promises";
import { password } from "@parsec/client";
import type { Invocation } from "../invocation.ts";
import { fieldLines } from "../output.ts";
import { readSecret } from "../secrets.ts";
import { withParsec, withSession } from "../session.ts";

export function bootstrap(invocation: Invocation): Promise<void> {
  const [email, label] = [invocation.requiredText("email"), invocation.requiredText("label")];
  const sequesterKey = invocation.text("sequesterKey");
  return withParsec(invocation, async (parsec) => {
    const session = await parsec.bootstrap(invocation.operand("link"), {
      human: { email, label },
      deviceLabel: invocation.text("deviceLabel") ?? "command line",
      protection: password(await readSecret(invocation, "password")),
      signal: invocation.signal,
      ...(sequesterKey === undefined ? {} : { sequesterAuthorityKey: await readFile(sequesterKey, "utf8") }),
    });
    await session.close();
    invocation.output.tell({ type: "created", id: session.deviceId }, session.deviceId);
  });
}

export function info(invocation: Invocation): Promise<void> {
  return withSession(invocation, async (session) => {
    const { organizationId, organizationLink, organizationConfig } = session.info;
    const usage = await session.organization.usage({ signal: invocation.signal });
    const record = {
      type: "organization",
      id: organizationId,
      address: organizationLink,
      ...organizationConfig,
      ...usage,
    };
    invocation.output.tell(record, fieldLines(record));
  });
}

export function config(invocation: Invocation): Promise<void> {
  return withParsec(invocation, async (parsec) => {
    const found = await parsec.serverConfig(invocation.operand("server"), { signal: invocation.signal });
    const record = { type: "server", ...found };
    invocation.output.tell(record, fieldLines(record));
  });
}
