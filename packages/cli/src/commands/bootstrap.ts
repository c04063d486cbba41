import { password } from "@parsec/client";
import { type Arguments, required } from "../arguments.ts";
import { readPassword, withParsec } from "../person.ts";
import type { Shell } from "../shell.ts";

export async function bootstrap(shell: Shell, args: Arguments): Promise<void> {
  const link = required(args.operands[0], "LINK");
  const email = required(args.options.email, "--email");
  const label = required(args.options.label, "--label");
  await withParsec(args, async (parsec) => {
    const session = await parsec.bootstrap(link, {
      human: { email, label },
      deviceLabel: args.options["device-label"] ?? "command line",
      protection: password(await readPassword(shell)),
      signal: shell.signal,
    });
    await session.close();
    shell.print(session.deviceId);
  });
}
