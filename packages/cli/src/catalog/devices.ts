import type { CommandSpec } from "../command-spec.ts";

export const deviceCommands: readonly CommandSpec[] = [
  {
    name: "device list",
    operands: [],
    text: "the devices of this folder",
    load: async () => (await import("../commands/device.ts")).list,
  },
  {
    name: "device info",
    operands: [],
    text: "one device: where it belongs, how it is protected",
    load: async () => (await import("../commands/device.ts")).info,
  },
  {
    name: "device protect",
    operands: [],
    text: "protect the device otherwise: with a new password, or with the keyring of the system",
    options: [
      {
        flags: "--with <protection>",
        text: "the new protection; by default password",
        choices: ["password", "keyring"],
      },
      { flags: "--new-password-fd <number>", text: "read the new password from this file descriptor" },
    ],
    load: async () => (await import("../commands/device.ts")).protect,
  },
  {
    name: "device totp enable",
    operands: [],
    text: "ask for a code of an authenticator application at each login; the first time gives its secret",
    load: async () => (await import("../commands/totp.ts")).enable,
  },
  {
    name: "device totp disable",
    operands: [],
    text: "ask for no code any more",
    load: async () => (await import("../commands/totp.ts")).disable,
  },
  {
    name: "device recovery export",
    operands: ["<file>"],
    text: "make a recovery device: a file, and its passphrase, which is printed once; keep them apart",
    options: [{ flags: "--device-label <name>", text: 'name of the recovery device; by default "recovery"' }],
    load: async () => (await import("../commands/recovery.ts")).exportRecovery,
  },
  {
    name: "device recovery import",
    operands: ["<file>"],
    text: "make a new device from a recovery file and its passphrase; gives the device id",
    options: [
      { flags: "--device-label <name>", text: 'name of the new device; by default "command line"' },
      { flags: "--passphrase-fd <number>", text: "read the passphrase from this file descriptor" },
    ],
    load: async () => (await import("../commands/recovery.ts")).importRecovery,
  },
  {
    name: "device rename-server",
    operands: ["<address>"],
    text: "the server of the device has another address now",
    load: async () => (await import("../commands/device.ts")).renameServer,
  },
  {
    name: "device remove",
    operands: [],
    text: "take the device from this machine, with all that was not uploaded; its id has to be given with --device",
    options: [{ flags: "--keep-data", text: "leave the encrypted local data, for another copy of the device file" }],
    load: async () => (await import("../commands/device.ts")).remove,
  },
  {
    name: "device archive",
    operands: [],
    text: "set the device aside; gives where its file is now",
    load: async () => (await import("../commands/device.ts")).archive,
  },
];
