import type { CommandSpec } from "../command-spec.ts";

export const workspaceCommands: readonly CommandSpec[] = [
  {
    name: "workspace list",
    operands: [],
    text: "the workspaces of the device",
    load: async () => (await import("../commands/workspace.ts")).list,
  },
  {
    name: "workspace create",
    operands: ["<name>"],
    text: "create a workspace; gives its id",
    examples: ["parsec workspace create Docs"],
    load: async () => (await import("../commands/workspace.ts")).create,
  },
  {
    name: "workspace info",
    operands: ["<workspace>"],
    text: "one workspace: role, state, what waits for an upload",
    load: async () => (await import("../commands/workspace.ts")).info,
  },
  {
    name: "workspace rename",
    operands: ["<workspace>", "<name>"],
    text: "give a workspace another name, for all members",
    load: async () => (await import("../commands/workspace.ts")).rename,
  },
  {
    name: "workspace members",
    operands: ["<workspace>"],
    text: "who has which role",
    load: async () => (await import("../commands/members.ts")).members,
  },
  {
    name: "workspace share",
    operands: ["<workspace>", "<user>"],
    text: "give a user a role, or another one",
    options: [
      {
        flags: "--role <role>",
        text: "the role",
        choices: ["OWNER", "MANAGER", "CONTRIBUTOR", "READER"],
        required: true,
      },
    ],
    examples: ["parsec workspace share Docs bob@example.com --role READER"],
    load: async () => (await import("../commands/members.ts")).share,
  },
  {
    name: "workspace unshare",
    operands: ["<workspace>", "<user>"],
    text: "take the role of a user away",
    load: async () => (await import("../commands/members.ts")).unshare,
  },
  {
    name: "workspace archive",
    operands: ["<workspace>"],
    text: "make a workspace read-only, for all members",
    options: [
      { flags: "--undo", text: "make it writable again" },
      { flags: "--delete-after <days>", text: "and let it be deleted after so many days" },
    ],
    load: async () => (await import("../commands/workspace.ts")).archive,
  },
  {
    name: "workspace rotate-key",
    operands: ["<workspace>"],
    text: "make a new key, for what is written from now on",
    load: async () => (await import("../commands/workspace.ts")).rotateKey,
  },
  {
    name: "workspace verify",
    operands: ["<workspace>"],
    text: "look for what is wrong; downloads all content",
    load: async () => (await import("../commands/workspace.ts")).verify,
  },
];
