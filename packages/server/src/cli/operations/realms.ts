import { systemClock } from "@parsec/base";
import { DateTime } from "@parsec/types";
import type { BlockStore } from "../../block-store/port.ts";
import { type DeletableRealm, deletableRealms } from "../../operations/deletable-realms.ts";
import { deleteRealm } from "../../operations/delete-realm.ts";
import type { Store } from "../../store/port/store.ts";
import type { CliCommand } from "../command.ts";
import { blockStoreOptions, databaseOptions, logOptions } from "../option.ts";
import { organizationOf, organizationOption, realmOf, realmOption } from "./options.ts";
import { printedTenths, stoppable, withDatabase, withStores } from "./stores.ts";

export const listDeletableRealmsCommand: CliCommand = {
  name: "list_deletable_realms",
  summary: "realms whose deletion date has come, or that nobody is left in",
  usage: "parsec-server list_deletable_realms [OPTIONS]: lists the realms that may be deleted now.",
  options: [organizationOption, { name: "json", help: "for programs" }, ...databaseOptions, ...logOptions],
  examples: ["parsec-server list_deletable_realms --organization Acme --db sqlite:./parsec.db"],
  run: async ({ print }, args) => {
    const organizationId = organizationOf(args);
    const realms = await withDatabase(args, (store) =>
      deletableRealms(store, organizationId, DateTime.now(systemClock)),
    );
    if (args.bool("json") === true) {
      print(JSON.stringify(realms.map(jsonOf)));
      return 0;
    }
    print(`Found ${realms.length} result(s)`);
    for (const realm of realms) print(lineOf(realm));
    return 0;
  },
};

export const deleteRealmCommand: CliCommand = {
  name: "delete_realm",
  summary: "deletes what a realm holds, its certificates aside",
  usage:
    "parsec-server delete_realm [OPTIONS]: deletes a realm of list_deletable_realms for good. Clients find out when they next ask.",
  options: [
    organizationOption,
    realmOption,
    {
      name: "dump-realm-blocks",
      value: "FILE",
      help: "gets one line for each block, its key in S3 or Swift: ORGANIZATION/BLOCK",
    },
    { name: "dry-run", help: "write that list, and delete nothing" },
    ...databaseOptions,
    ...blockStoreOptions.map((option) => ({
      ...option,
      help: "where the bytes of the blocks are, to delete them too; without it they stay, as the official server leaves them",
    })),
    ...logOptions,
  ],
  examples: [
    "parsec-server delete_realm --organization Acme --realm 0123456789abcdef0123456789abcdef --dump-realm-blocks blocks.txt --db sqlite:./parsec.db --blockstore file:./blocks",
  ],
  run: async (terminal, args) => {
    const { print } = terminal;
    const dumpPath = args.required("dump-realm-blocks");
    const realm = { organizationId: organizationOf(args), realmId: realmOf(args), dumpPath };
    const dryRun = args.bool("dry-run") ?? false;
    const withBlocks = args.texts("blockstore").length > 0;
    const show = printedTenths(print, "blocks deleted");
    const onProgress = (progress: { readonly done: number; readonly total: number }) =>
      show({ step: "Bytes", ...progress });
    return await stoppable(terminal, "Stopped: the same command goes on", async (signal) => {
      const run = async (store: Store, blockStore?: BlockStore) => {
        const now = DateTime.now(systemClock);
        return await deleteRealm(store, realm, { dryRun, blockStore, now, signal, onProgress });
      };
      const count = await (withBlocks ? withStores(args, run) : withDatabase(args, (store) => run(store)));
      print(`${count} block(s) listed in ${dumpPath}`);
      if (!dryRun) print(withBlocks ? "The realm is deleted" : "The realm is deleted; the bytes of its blocks are not");
      return 0;
    });
  },
};

function jsonOf(realm: DeletableRealm) {
  const { realmId, kind } = realm;
  return realm.kind === "orphaned"
    ? { realm_id: realmId, kind, orphaned_since: DateTime.formatRfc3339(realm.orphanedSince) }
    : { realm_id: realmId, kind, deletion_date: DateTime.formatRfc3339(realm.deletionDate) };
}

function lineOf(realm: DeletableRealm): string {
  return realm.kind === "orphaned"
    ? `${realm.realmId}: orphaned since ${DateTime.formatRfc3339(realm.orphanedSince)}`
    : `${realm.realmId}: deletion planned for ${DateTime.formatRfc3339(realm.deletionDate)}`;
}
