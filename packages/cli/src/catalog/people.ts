import type { CommandSpec } from "../command-spec.ts";

export const peopleCommands: readonly CommandSpec[] = [
  {
    name: "organization bootstrap",
    operands: ["<link>"],
    text: "create the organization of a bootstrap link, and its first device; gives the device id",
    options: [
      { flags: "--email <address>", text: "e-mail address of the first user", required: true },
      { flags: "--label <name>", text: "name of the first user", required: true },
      { flags: "--device-label <name>", text: 'name of the new device; by default "command line"' },
      {
        flags: "--sequester-key <file>",
        text: "PEM of the public key of a sequester authority, which can read all data",
      },
    ],
    examples: [
      "parsec organization bootstrap 'parsec3://…?a=bootstrap_organization&p=…' --email alice@example.com --label Alice",
    ],
    load: async () => (await import("../commands/organization.ts")).bootstrap,
  },
  {
    name: "organization info",
    operands: [],
    text: "the organization of the device, its limits, and what it keeps on the server",
    load: async () => (await import("../commands/organization.ts")).info,
  },
  {
    name: "organization config",
    operands: ["<server>"],
    text: "what a server says of itself to anybody",
    examples: ["parsec organization config https://parsec.example.com"],
    load: async () => (await import("../commands/organization.ts")).config,
  },
  {
    name: "user list",
    operands: [],
    text: "the users of the organization",
    options: [{ flags: "-a, --all", text: "also those who are revoked" }],
    load: async () => (await import("../commands/user.ts")).list,
  },
  {
    name: "user info",
    operands: ["<user>"],
    text: "one user, by e-mail address or id, with their devices",
    load: async () => (await import("../commands/user.ts")).info,
  },
  {
    name: "user revoke",
    operands: ["<user>"],
    text: "end the membership of a user for good",
    load: async () => (await import("../commands/user.ts")).revoke,
  },
  {
    name: "user profile",
    operands: ["<user>", "<profile>"],
    text: "give a user another profile: ADMIN, STANDARD or OUTSIDER",
    examples: ["parsec user profile bob@example.com ADMIN"],
    load: async () => (await import("../commands/user.ts")).profile,
  },
  {
    name: "user invite",
    operands: ["<email>"],
    text: "invite a user; gives the link",
    options: [{ flags: "--send-email", text: "let the server send the link" }],
    load: async () => (await import("../commands/invitation.ts")).inviteUser,
  },
  {
    name: "device invite",
    operands: [],
    text: "invite another device of the own user; gives the link",
    options: [{ flags: "--send-email", text: "let the server send the link" }],
    load: async () => (await import("../commands/invitation.ts")).inviteDevice,
  },
  {
    name: "invitation list",
    operands: [],
    text: "the invitations that this user could greet",
    load: async () => (await import("../commands/invitation.ts")).list,
  },
  {
    name: "invitation cancel",
    operands: ["<token>"],
    text: "make an invitation invalid",
    load: async () => (await import("../commands/invitation.ts")).cancel,
  },
];
