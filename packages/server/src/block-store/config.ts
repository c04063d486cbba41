import { resolve } from "node:path";
import { StartServerError } from "../errors.ts";

/** Where blocks are kept (spec 08c §5), with the secrets that it takes: not to be shown. */
export type BlockStoreConfig =
  | { readonly kind: "memory" }
  | { readonly kind: "database"; readonly dialect: "postgres" | "sqlite" }
  | { readonly kind: "file"; readonly path: string }
  | S3Config
  | SwiftConfig
  | { readonly kind: RaidMode; readonly nodes: readonly BlockStoreConfig[] };

export type RaidMode = "raid0" | "raid1" | "raid5";

export interface S3Config {
  readonly kind: "s3";
  /** A URL; null for the one of Amazon in that region. */
  readonly endpoint: string | null;
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
  readonly secret: string;
}

export interface SwiftConfig {
  readonly kind: "swift";
  readonly authUrl: string;
  readonly tenant: string;
  readonly container: string;
  readonly user: string;
  readonly password: string;
}

/** Reads what `--blockstore` was given, once or, for RAID, once for each node. @throws StartServerError `BAD_OPTION` */
export function parseBlockStore(texts: readonly string[]): BlockStoreConfig {
  return parseParts(texts.map(splitParts));
}

/** The name of a place that may be shown: without host or secret. */
export function blockStoreLabel(config: BlockStoreConfig): string {
  switch (config.kind) {
    case "memory":
      return "MOCKED";
    case "database":
      return config.dialect === "postgres" ? "POSTGRESQL" : "SQLITE";
    case "file":
      return `file:${config.path}`;
    case "s3":
    case "swift":
      return config.kind.toUpperCase();
    default:
      return `${config.kind.toUpperCase()}(${config.nodes.map(blockStoreLabel).join(", ")})`;
  }
}

/** At the colons, but for those behind a backslash: `\:` is a colon, `\\` a backslash, and others stay as they are. */
function splitParts(text: string): readonly string[] {
  const parts: string[] = [""];
  for (const [piece] of text.matchAll(/\\[\\:]|[^]/g)) {
    if (piece === ":") parts.push("");
    else parts[parts.length - 1] += piece.length === 2 ? piece.slice(1) : piece;
  }
  return parts;
}

function parseParts(options: readonly (readonly string[])[]): BlockStoreConfig {
  const [first] = options;
  if (first === undefined) throw refusal("nothing is given");
  const [type = ""] = first;
  const kind = type.toLowerCase();
  if (kind === "raid0" || kind === "raid1" || kind === "raid5") {
    if (options.some((parts) => parts[0] !== type)) throw refusal("a RAID has one mode, written the same each time");
    return { kind, nodes: parseNodes(kind, options) };
  }
  if (options.length > 1) throw refusal("only a RAID is given more than once, one node each time");
  switch (kind) {
    case "mocked":
      return onlyWord(first, { kind: "memory" });
    case "postgresql":
      return onlyWord(first, { kind: "database", dialect: "postgres" });
    case "sqlite":
      return onlyWord(first, { kind: "database", dialect: "sqlite" });
    case "file":
      // A colon in a path needs no backslash: nothing comes after it.
      return { kind, path: present(first.slice(1).join(":"), "file:DIR") };
    case "s3":
      return s3(first);
    case "swift":
      return swift(first);
    default:
      throw refusal("it begins with file:, s3:, swift:, raid0:, raid1: or raid5:, or is POSTGRESQL, SQLITE or MOCKED");
  }
}

function parseNodes(mode: RaidMode, options: readonly (readonly string[])[]): readonly BlockStoreConfig[] {
  const nodes = new Map<number, (readonly string[])[]>();
  for (const [, node = "", ...config] of options) {
    if (!/^(?:0|[1-9]\d{0,3})$/.test(node)) throw refusal(`${mode}:NODE:… has a number for each node, from 0 on`);
    const index = Number(node);
    nodes.set(index, [...(nodes.get(index) ?? []), config]);
  }
  const indexes = [...nodes.keys()].sort((a, b) => a - b);
  if (indexes.some((node, index) => node !== index)) throw refusal("the nodes of a RAID are 0, 1, 2… without a gap");
  if (mode === "raid5" && indexes.length < 3) throw refusal("raid5 needs three nodes or more");
  const configs = indexes.map((index) => parseParts(nodes.get(index) ?? []));
  const places = configs.flatMap(placesOf);
  if (configs.some(({ kind }) => kind === "memory")) throw refusal("MOCKED cannot be a node of a RAID");
  if (new Set(places).size < places.length) throw refusal("two nodes of a RAID are the same place");
  return configs;
}

/** Where the bytes go: two nodes there would write over each other. */
function placesOf(config: BlockStoreConfig): readonly string[] {
  switch (config.kind) {
    case "memory":
    case "database":
      return [config.kind];
    case "file":
      return [`file ${resolve(config.path)}`];
    case "s3":
      return [`s3 ${config.endpoint} ${config.region} ${config.bucket}`];
    case "swift":
      return [`swift ${config.authUrl} ${config.tenant} ${config.container}`];
    default:
      return config.nodes.flatMap(placesOf);
  }
}

const s3Form = "s3:[ENDPOINT]:REGION:BUCKET:KEY:SECRET";
const swiftForm = "swift:AUTH_URL:TENANT:CONTAINER:USER:PASSWORD";

function s3(parts: readonly string[]): S3Config {
  const [, endpoint = "", region, bucket, key, secret, ...rest] = withoutDoubleEscapes(parts, 6);
  if (rest.length > 0) throw refusal(`its form is ${s3Form}, with \\: for a colon in one of them`);
  return {
    kind: "s3",
    endpoint: endpoint === "" ? null : urlOf(endpoint, s3Form),
    region: present(region, s3Form),
    bucket: present(bucket, s3Form),
    key: present(key, s3Form),
    secret: present(secret, s3Form),
  };
}

function swift(parts: readonly string[]): SwiftConfig {
  const [, authUrl, tenant, container, user, password, ...rest] = withoutDoubleEscapes(parts, 6);
  if (rest.length > 0) throw refusal(`its form is ${swiftForm}, with \\: for a colon in one of them`);
  return {
    kind: "swift",
    authUrl: urlOf(present(authUrl, swiftForm), swiftForm),
    tenant: present(tenant, swiftForm),
    container: present(container, swiftForm),
    user: present(user, swiftForm),
    password: present(password, swiftForm),
  };
}

/**
 * Guides of version 2 write `localhost\\:4566`, for a shell that takes one backslash away. Where nothing does, the address
 * ends with a backslash, and there is a part too many.
 */
function withoutDoubleEscapes(parts: readonly string[], count: number): readonly string[] {
  const [type = "", address = "", next, ...others] = parts;
  if (parts.length <= count || next === undefined || !address.endsWith("\\")) return parts;
  return withoutDoubleEscapes([type, `${address.slice(0, -1)}:${next}`, ...others], count);
}

function urlOf(text: string, form: string): string {
  const url = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(url)) throw refusal(`the address in ${form} cannot be read`);
  return url.replace(/\/+$/, "");
}

function onlyWord(parts: readonly string[], config: BlockStoreConfig): BlockStoreConfig {
  if (parts.length > 1) throw refusal(`nothing comes after ${parts[0]?.toUpperCase()}`);
  return config;
}

function present(text: string | undefined, form: string): string {
  if (text === undefined || text === "") throw refusal(`its form is ${form}`);
  return text;
}

/** It holds secrets: it is not repeated. */
function refusal(what: string): StartServerError {
  return new StartServerError("BAD_OPTION", `--blockstore cannot be read: ${what}. See --help`);
}
