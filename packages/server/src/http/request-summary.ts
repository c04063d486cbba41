import type { Family } from "@parsec/protocol";

/** Where a request belongs: a family of commands, or what else a server serves. */
export type RequestFamily = Family | "events" | "administration" | "health" | "testbed" | "web";

/**
 * What is told of a request once it has ended, to logs and metrics. All of it comes from closed sets: no token, body, id
 * or address of anybody can get in.
 */
export interface RequestSummary {
  /** `OTHER` for those that no route has. */
  readonly method: string;
  readonly family: RequestFamily;
  /** Name of the command, or the route's pattern; null when the request did not get that far. */
  readonly command: string | null;
  /** Of HTTP; null when the client left before there was one. */
  readonly status: number | null;
  /** Status of the command's reply; null where there is none. */
  readonly reply: string | null;
  /** The connection was lost before the response was whole. An event stream may end so. */
  readonly cut: boolean;
  /** Milliseconds, from the headers to the last byte. */
  readonly duration: number;
}

/** What routes find out about the request under way. */
export interface RequestLabel {
  family: RequestFamily;
  command: string | null;
  reply: string | null;
}

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"]);

/** Calls `tell` when the response is over, however it ends. @returns what the routes fill in */
export function summarize(
  incoming: { readonly method?: string | undefined },
  outgoing: {
    readonly statusCode: number;
    readonly headersSent: boolean;
    readonly writableFinished: boolean;
    once(event: "close", listener: () => void): unknown;
  },
  tell: (summary: RequestSummary) => void,
): RequestLabel {
  const begin = performance.now();
  const label: RequestLabel = { family: "web", command: null, reply: null };
  outgoing.once("close", () => {
    const { method = "" } = incoming;
    tell({
      method: methods.has(method) ? method : "OTHER",
      ...label,
      status: outgoing.headersSent ? outgoing.statusCode : null,
      cut: !outgoing.writableFinished,
      duration: performance.now() - begin,
    });
  });
  return label;
}

const familyOfSegment: ReadonlyMap<string, RequestFamily> = new Map<string, RequestFamily>([
  ["authenticated", "authenticated"],
  ["invited", "invited"],
  ["anonymous", "anonymous"],
  ["anonymous_server", "anonymous_server"],
  ["authenticated_account", "authenticated_account"],
  ["administration", "administration"],
  ["health", "health"],
  ["ready", "health"],
  ["testbed", "testbed"],
]);

/** Where the route of that pattern belongs. */
export function routeFamily(path: string): RequestFamily {
  if (path === "/authenticated/:organizationId/events") return "events";
  if (path === "/authenticated/:organizationId/tos") return "tos";
  return familyOfSegment.get(path.split("/")[1] ?? "") ?? "web";
}

const commandFamilies: ReadonlySet<RequestFamily> = new Set([
  "authenticated",
  "tos",
  "invited",
  "anonymous",
  "anonymous_server",
  "authenticated_account",
]);

/** The name of what a route does before its body is read: its pattern, or null where the command says it. */
export function routeCommand(path: string): string | null {
  return commandFamilies.has(routeFamily(path)) ? null : path;
}
