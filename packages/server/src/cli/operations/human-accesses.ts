import { DateTime } from "@parsec/types";
import { type HumanAccesses, humanAccesses } from "../../operations/human-accesses.ts";
import type { CliCommand } from "../command.ts";
import { databaseOptions, logOptions } from "../option.ts";
import { organizationOf, organizationOption } from "./options.ts";
import { withDatabase } from "./stores.ts";

export const humanAccessesCommand: CliCommand = {
  name: "human_accesses",
  summary: "who had which role where, and when",
  usage: "parsec-server human_accesses [OPTIONS]: shows each human's users, and their roles in every realm.",
  options: [
    organizationOption,
    { name: "filter", value: "WORDS", help: "only humans of whom each word is in name, e-mail or user id" },
    ...databaseOptions,
    ...logOptions,
  ],
  examples: ['parsec-server human_accesses --organization Acme --filter "alice" --db sqlite:./parsec.db'],
  run: async ({ print }, args) => {
    const organizationId = organizationOf(args);
    const words = (args.text("filter") ?? "").split(/\s+/).filter((word) => word !== "");
    const humans = await withDatabase(args, (store) => humanAccesses(store, organizationId, words));
    print(`Found ${humans.length} result(s)`);
    for (const human of humans) for (const line of linesOf(human)) print(line);
    return 0;
  },
};

function linesOf({ humanHandle, users }: HumanAccesses): readonly string[] {
  const date = (on: DateTime) => DateTime.formatRfc3339(on);
  return [
    "",
    `Human ${humanHandle.label} <${humanHandle.email}>`,
    ...users.flatMap((user) => [
      `  User ${user.userId} (${user.profile ?? "REVOKED"})`,
      ...user.history.map(({ on, profile }) => `    ${date(on)}: ${profile}`),
      ...user.realms.flatMap(({ realmId, history }) => [
        `    Realm ${realmId}`,
        ...history.map(({ on, role }) => `      ${date(on)}: ${role ?? "access removed"}`),
      ]),
    ]),
  ];
}
