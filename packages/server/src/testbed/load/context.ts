import { ParsecError } from "@parsec/base";
import {
  type Codec,
  DateTime,
  DeviceId,
  type OrganizationId,
  type SignedDocument,
  UserId,
  VlobId,
} from "@parsec/types";
import { type JsonFields, jsonBytes, jsonInteger, jsonParsed } from "../../http/json-fields.ts";
import { unverified } from "../../rules/certificate.ts";
import type { RealmRow } from "../../store/port/realms.ts";
import type { Transaction } from "../../store/port/store.ts";
import type { DeviceRow } from "../../store/port/users.ts";

/** An operation refers to what is not there, or cannot be read (spec 13 §6). */
export class LoadError extends ParsecError<"CANNOT_LOAD"> {
  override readonly name: string = "LoadError";
  constructor(what: string) {
    super("CANNOT_LOAD", what);
  }
}

/** What an operation needs to be stored: no right is checked, and no signature (spec 13 §6). */
export interface LoadContext {
  readonly tx: Transaction;
  readonly organizationId: OrganizationId;
  readonly fields: JsonFields;
}

export type LoadOperation = (context: LoadContext) => Promise<void>;

export const jsonDate = (value: unknown): DateTime | undefined => {
  const micros = jsonInteger(value);
  return micros === undefined ? undefined : DateTime.fromMicros(micros);
};
export const jsonUserId = jsonParsed(UserId.parse);
export const jsonRealmId = jsonParsed(VlobId.parse);
const jsonDeviceId = jsonParsed(DeviceId.parse);

export function timestampOf({ fields }: LoadContext): DateTime {
  return fields.required("timestamp", jsonDate);
}

/** The device that sent the command. @throws LoadError when the organization has no such device */
export async function authorOf({ tx, organizationId, fields }: LoadContext): Promise<DeviceRow> {
  const device = await tx.users.findDevice(organizationId, fields.required("author", jsonDeviceId));
  if (device === undefined) throw new LoadError("The author is not a device of the organization");
  return device;
}

/** As {@link authorOf}, where the author may be left out. */
export async function optionalAuthorOf(context: LoadContext): Promise<DeviceId | null> {
  if (context.fields.optional("author", (value) => value) === undefined) return null;
  return (await authorOf(context)).deviceId;
}

/** A certificate's content, unverified, with its bytes. @throws LoadError when it is not of that type */
export function certificateOf<T extends SignedDocument>({ fields }: LoadContext, name: string, codec: Codec<T>) {
  const bytes = fields.required(name, jsonBytes);
  const value = unverified(codec, bytes);
  if (value === undefined) throw new LoadError(`The field ${name} is not a certificate of the expected type`);
  return { value, bytes };
}

export async function mustHaveUser({ tx, organizationId }: LoadContext, userId: UserId): Promise<void> {
  if ((await tx.users.find(organizationId, userId)) === undefined) throw new LoadError("The user does not exist");
}

export async function realmOf({ tx, organizationId }: LoadContext, realmId: VlobId): Promise<RealmRow> {
  const realm = await tx.realms.find(organizationId, realmId);
  if (realm === undefined) throw new LoadError("The realm does not exist");
  return realm;
}
