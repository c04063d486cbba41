import { HumanHandle } from "@parsec/types";
import type { Arguments } from "../arguments.ts";
import { withParsec } from "../person.ts";
import type { Shell } from "../shell.ts";

export async function devices(shell: Shell, args: Arguments): Promise<void> {
  const found = await withParsec(args, (parsec) => parsec.devices());
  for (const { deviceId, organizationId, humanHandle, deviceLabel } of found) {
    shell.print(`${deviceId}  ${organizationId}  ${HumanHandle.display(humanHandle)}  ${deviceLabel}`);
  }
}
