import {
  type Codec,
  type Fields,
  type Infer,
  type Simplify,
  type TaggedCodec,
  tagged,
  taggedUnion,
  type UnionCodec,
  type UnionOf,
  type Variant,
} from "@parsec/types";
import { type ApiVersion, apiVersion } from "./api-version.ts";
import type { Family } from "./family.ts";
import { UnknownReply, type UnknownStatus } from "./unknown-status.ts";

/** One RPC command: its family, its name on the wire, the codecs of its request and of its reply. */
export interface Command<F extends Family, Name extends string, Request, Reply> {
  readonly family: F;
  readonly name: Name;
  /** The version of the API that brought it. */
  readonly since: ApiVersion;
  /** `cmd` first, then the fields in the order of the schema. */
  readonly request: TaggedCodec<"cmd", Name, Request>;
  readonly reply: ReplyCodec<Reply>;
}

/** The codec of a command's replies. An unknown status decodes to {@link UnknownStatus}, and encodes back. */
export interface ReplyCodec<Reply> extends Codec<Reply> {
  /** The statuses of the schema, without the unknown one. */
  readonly statuses: ReadonlySet<string>;
}

export type AnyCommand = Command<Family, string, unknown, unknown>;

/** The request of a command as on the wire, with its `cmd`. */
export type RequestOf<C> = C extends Command<Family, string, infer Request, unknown> ? Request : never;
/** What a caller gives to send a command: the request without its `cmd`. */
export type FieldsOf<C> = Simplify<Omit<RequestOf<C>, "cmd">>;
/** Every reply of a command, told apart by `status`. */
export type ReplyOf<C> = C extends Command<Family, string, unknown, infer Reply> ? Each<Reply> : never;
/** Spells out the members of a union, so that editors show them. */
type Each<Union> = Union extends unknown ? Simplify<Union> : never;
/** The successful reply of a command. */
export type OkOf<C> = Extract<ReplyOf<C>, { readonly status: "ok" }>;

type Statuses = Readonly<Record<string, Variant>>;

/** What a command is made of. */
interface Definition<Request extends Fields, Replies extends Statuses> {
  /** The revision of API 5 that brought the command. */
  readonly revision?: number;
  readonly request: Request;
  readonly replies: Replies;
}

/**
 * Declares a command. A reply is the map of its fields; a `unit` reply is given as the union that stands in the same
 * map as the status. The definition is a function, so that bundlers see that an unused command has no effect.
 */
export function command<
  const F extends Family,
  const Name extends string,
  const Request extends Fields,
  const Replies extends Statuses,
>(
  family: F,
  name: Name,
  define: () => Definition<Request, Replies>,
): Command<
  F,
  Name,
  Infer<ReturnType<typeof tagged<"cmd", Name, Request>>>,
  UnionOf<"status", Replies> | UnknownStatus
> {
  const { revision = 0, request, replies } = define();
  return {
    family,
    name,
    since: { major: apiVersion.major, revision },
    request: tagged("cmd", name, request),
    reply: replyCodec(taggedUnion("status", replies)),
  };
}

function replyCodec<Known>(known: UnionCodec<Known>): ReplyCodec<Known | UnknownStatus> {
  return {
    schema: known.schema,
    statuses: known.values,
    encode: (writer, reply) => {
      if (isUnknownStatus(reply)) UnknownReply.encode(writer, { status: reply.unknownStatus, reason: reply.reason });
      else known.encode(writer, reply);
    },
    decode: (reader) => {
      if (known.values.has(known.peekDiscriminant(reader))) return known.decode(reader);
      const { status, reason } = UnknownReply.decode(reader);
      return { status: "unknown_status", unknownStatus: status, reason };
    },
  };
}

/** `unknown_status` is ours: no status of the schema has that name, so that it tells the value apart. */
function isUnknownStatus<Known>(reply: Known | UnknownStatus): reply is UnknownStatus {
  return typeof reply === "object" && reply !== null && "unknownStatus" in reply;
}
