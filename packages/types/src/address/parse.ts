import type { ActionAddress, Address, AddressKind, AddressOf } from "./address.ts";
import { AddressError } from "./error.ts";
import { kinds } from "./kinds.ts";
import { type AddressParts, partsOfHttpText, partsOfParsecText, partsOfRedirection } from "./parts.ts";

/** The form `parsec3://…` of an address of that kind (spec 03 §5.2). @throws AddressError */
export function parseAddress<Kind extends AddressKind>(kind: Kind, text: string): AddressOf<Kind> {
  return load(kind, partsOfParsecText(text));
}

/** The form `http(s)://HOST/redirect…`, which e-mails hold (spec 03 §5.3). @throws AddressError */
export function parseRedirection<Kind extends AddressKind>(kind: Kind, text: string): AddressOf<Kind> {
  return load(kind, partsOfRedirection(text));
}

/** Either form; the error is that of the form `parsec3://…`. @throws AddressError */
export function parseAddressInAnyForm<Kind extends AddressKind>(kind: Kind, text: string): AddressOf<Kind> {
  return inAnyForm(text, (parts) => load(kind, parts));
}

/** The plain HTTP form of a server address: `https://parsec.example.com/`. @throws AddressError */
export function parseServerHttpUrl(text: string): AddressOf<"server"> {
  return load("server", partsOfHttpText(text));
}

/** The form `parsec3://…` of any action address. @throws AddressError that of the last kind tried (spec 03 §5.4) */
export function parseActionAddress(text: string): ActionAddress {
  return loadAction(partsOfParsecText(text));
}

/** The redirection form of any action address. @throws AddressError */
export function parseActionRedirection(text: string): ActionAddress {
  return loadAction(partsOfRedirection(text));
}

/** Any action address in either form. @throws AddressError */
export function parseActionAddressInAnyForm(text: string): ActionAddress {
  return inAnyForm(text, loadAction);
}

/**
 * Any address in either form: what a user may paste (spec 03 §5.4).
 * @throws AddressError `INVALID_URL`, whatever is wrong
 */
export function parseAnyAddress(text: string): Address {
  const address = attempt(() =>
    inAnyForm<Address>(text, (parts) => loadFirst([...actionKinds, "organization", "server"], parts)),
  );
  if (address === undefined) throw new AddressError("INVALID_URL", "Not an address of Parsec");
  return address;
}

const actionKinds = [
  "organization_bootstrap",
  "workspace_path",
  "invitation",
  "async_enrollment",
  "totp_reset",
  "pki_enrollment",
] as const;

function load<Kind extends AddressKind>(kind: Kind, parts: AddressParts): AddressOf<Kind> {
  return kinds[kind].load(parts);
}

function loadAction(parts: AddressParts): ActionAddress {
  return loadFirst(actionKinds, parts);
}

/** The first kind that fits; the error of the last one when none does. */
function loadFirst<Kind extends AddressKind>(tried: readonly Kind[], parts: AddressParts): AddressOf<Kind> {
  let failure: unknown = new AddressError("INVALID_URL", "No kind of address was tried");
  for (const kind of tried) {
    try {
      return load(kind, parts);
    } catch (error) {
      if (!(error instanceof AddressError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

function inAnyForm<A>(text: string, loadParts: (parts: AddressParts) => A): A {
  const asRedirection = attempt(() => loadParts(partsOfRedirection(text)));
  return asRedirection ?? loadParts(partsOfParsecText(text));
}

function attempt<A>(parse: () => A): A | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof AddressError) return undefined;
    throw error;
  }
}
