import type { CommandSpec } from "../command-spec.ts";
import { deviceCommands } from "./devices.ts";
import { fileCommands } from "./files.ts";
import { peopleCommands } from "./people.ts";
import { statusCommands } from "./status.ts";
import { workspaceCommands } from "./workspaces.ts";

/** The first words of commands that have a second one. */
export const nouns: readonly { readonly name: string; readonly text: string }[] = [
  { name: "organization", text: "organizations: how they begin, what they hold" },
  { name: "device", text: "the devices of this folder" },
  { name: "device totp", text: "the second factor of the device" },
  { name: "device recovery", text: "a device for the case that all others are lost" },
  { name: "user", text: "the people of the organization" },
  { name: "invitation", text: "invitations that wait" },
  { name: "workspace", text: "workspaces and their members" },
  { name: "offline", text: "files that are kept on this device" },
];

/** All commands, in the order of the help. */
export const catalog: readonly CommandSpec[] = [
  ...peopleCommands,
  ...deviceCommands,
  ...workspaceCommands,
  ...fileCommands,
  ...statusCommands,
];
