import type { CommandSpec } from "../command-spec.ts";

export const statusCommands: readonly CommandSpec[] = [
  {
    name: "status",
    operands: [],
    text: "whether the server is there, and what waits for an upload",
    load: async () => (await import("../commands/status.ts")).status,
  },
  {
    name: "events",
    operands: [],
    text: "what happens, as it happens",
    options: [{ flags: "--count <number>", text: "end after so many events" }],
    load: async () => (await import("../commands/watch.ts")).events,
  },
  {
    name: "server",
    operands: ["[arguments...]"],
    text: "everything that parsec-server does: parsec server --help",
    load: async () => (await import("../commands/server.ts")).misplaced,
  },
];
