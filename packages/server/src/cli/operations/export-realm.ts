import { systemClock } from "@parsec/base";
import { DateTime, type OrganizationId, type VlobId } from "@parsec/types";
import { exportRealm, snapshotOf } from "../../operations/export-realm.ts";
import type { CliCommand } from "../command.ts";
import { blockStoreOptions, databaseOptions, logOptions } from "../option.ts";
import { dateOf, organizationOf, organizationOption, realmOf, realmOption } from "./options.ts";
import { printedTenths, stoppable, withStores } from "./stores.ts";

export const exportRealmCommand: CliCommand = {
  name: "export_realm",
  summary: "what a realm was at a moment, as a SQLite file",
  usage:
    "parsec-server export_realm [OPTIONS] [OUTPUT]: exports a realm, encrypted as it is. With the same file it goes on where it ended.",
  options: [
    { name: "output", positional: true, value: "OUTPUT", help: "the file; by default named after realm and moment" },
    organizationOption,
    realmOption,
    {
      name: "snapshot-timestamp",
      value: "DATE",
      help: "the moment, at least 320 seconds ago (that of the file, else 320 seconds ago)",
    },
    ...databaseOptions,
    ...blockStoreOptions,
    ...logOptions,
  ],
  examples: [
    "parsec-server export_realm --organization Acme --realm 0123456789abcdef0123456789abcdef --db sqlite:./parsec.db --blockstore file:./blocks",
  ],
  run: async (terminal, args) => {
    const realm = { organizationId: organizationOf(args), realmId: realmOf(args) };
    const wanted = dateOf(args, "snapshot-timestamp");
    const output = args.text("output");
    // The name of a new file tells the moment.
    const snapshot = output === undefined ? snapshotOf(wanted, systemClock) : wanted;
    const path = output ?? defaultName(realm, snapshotOf(snapshot, systemClock));
    return await stoppable(terminal, "Stopped: the same command with the same file goes on", (signal) =>
      withStores(args, async (store, blockStore) => {
        const onProgress = printedTenths(terminal.print, "");
        const options = { clock: systemClock, signal, onProgress };
        await exportRealm({ store, blockStore }, { ...realm, snapshot }, path, options);
        terminal.print(`Exported to ${path}`);
        return 0;
      }),
    );
  },
};

/** `parsec-export-<organization>-realm-<realm hex>-<YYYYMMDDThhmmssZ>.sqlite` (spec 08c §4.1). */
function defaultName(
  { organizationId, realmId }: { readonly organizationId: OrganizationId; readonly realmId: VlobId },
  snapshot: DateTime,
): string {
  const moment = DateTime.formatRfc3339(snapshot).replace(/[-:]|\.\d+/g, "");
  return `parsec-export-${organizationId}-realm-${realmId}-${moment}.sqlite`;
}
