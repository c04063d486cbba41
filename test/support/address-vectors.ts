import { fromHex, toHex } from "@parsec/base";
import { parseSasCode, sasCodeFromInteger } from "@parsec/crypto";
import { parseApiVersion } from "@parsec/protocol";
import {
  AccessToken,
  type Address,
  DateTime,
  DeviceId,
  DeviceLabel,
  decode,
  EmailAddress,
  EntryName,
  encode,
  FsPath,
  formatAddress,
  formatHttpUrl,
  formatRedirection,
  HumanHandle,
  isDefaultPort,
  OrganizationId,
  ParsecAddr,
  parseActionAddress,
  parseActionAddressInAnyForm,
  parseActionRedirection,
  parseAddress,
  parseAddressInAnyForm,
  parseRedirection,
  parseServerHttpUrl,
  prefixAndSuffix,
  Str,
  ValidationCode,
  X509CertificateHash,
  x509CertificateDigest,
} from "@parsec/types";

export interface AddressVector {
  readonly name: string;
  readonly kind: string;
  readonly op: string;
  readonly input: string | number | readonly string[];
  readonly path?: string | null;
  readonly expect: object;
}

/** What our code gives for an input, in the words of the vectors. Errors are thrown. */
export type Compute = (input: string, vector: AddressVector) => object;

const addressKinds = [
  "server",
  "organization",
  "organization_bootstrap",
  "workspace_path",
  "invitation",
  "async_enrollment",
  "pki_enrollment",
  "totp_reset",
] as const;

const addressComputations = Object.fromEntries(
  addressKinds.flatMap((kind) => [
    [`${kind} parse`, (input: string) => describeAddress(parseAddress(kind, input))],
    [`${kind} from_any`, (input: string) => describeAddress(parseAddressInAnyForm(kind, input))],
    [`${kind} from_http_redirection`, (input: string) => describeAddress(parseRedirection(kind, input))],
  ]),
);

export const computations: Readonly<Record<string, Compute>> = {
  ...addressComputations,
  "action parse": (input) => describeAction(parseActionAddress(input)),
  "action from_any": (input) => describeAction(parseActionAddressInAnyForm(input)),
  "action from_http_redirection": (input) => describeAction(parseActionRedirection(input)),
  "server from_http_url": (input) => describeAddress(parseServerHttpUrl(input)),
  "server to_http_url": (input, { path }) => {
    const address = parseAddress("server", input);
    return { output: path == null ? formatHttpUrl(address) : formatHttpUrl(address, path) };
  },
  "server serialize_to_msgpack_str": (input) => ({
    output: decode(Str, encode(ParsecAddr, parseAddress("server", input))),
  }),
  "organization_id parse": (input) => ({ value: OrganizationId.parse(input) }),
  "device_label parse": (input) => ({ value: DeviceLabel.parse(input) }),
  "human_handle parse": (_, { input }) => {
    if (!Array.isArray(input)) throw new Error("a human handle is a pair");
    return { display: HumanHandle.display(HumanHandle.parse(String(input[0]), String(input[1]))) };
  },
  "email_address parse": (input) => {
    const { localPart, domain } = EmailAddress.parts(EmailAddress.parse(input));
    return { local_part: localPart, domain };
  },
  "entry_name parse": (input) => ({ value: EntryName.parse(input) }),
  "entry_name prefix_and_suffix": (input) => {
    const { prefix, suffix } = prefixAndSuffix(EntryName.parse(input));
    return { prefix, suffix: suffix ?? null };
  },
  "fs_path parse": (input) => {
    const path = FsPath.parse(input);
    return {
      canonical: path,
      name: FsPath.name(path) ?? null,
      is_root: FsPath.isRoot(path),
      parent: FsPath.parent(path),
      parts: FsPath.names(path),
    };
  },
  "fs_path normalize": (input) => ({ canonical: FsPath.parse(FsPath.parse(input)) }),
  "access_token parse": (input) => ({ hex: AccessToken.parse(input) }),
  "sas_code parse": (input) => ({ value: parseSasCode(input) }),
  "sas_code from_int": (_, { input }) => ({ value: sasCodeFromInteger(Number(input)) }),
  "validation_code parse": (input) => ({ value: ValidationCode.parse(input) }),
  "datetime parse": (input) => {
    const time = DateTime.parseRfc3339(input);
    return { timestamp_micros: BigInt(time).toString(), rfc3339: DateTime.formatRfc3339(time) };
  },
  "datetime load_msgpack_hex": (input) => {
    const time = decode(DateTime, hexBytes(input));
    if (toHex(encode(DateTime, time)) !== input) throw new Error("the instant is encoded otherwise");
    return { timestamp_micros: String(time) };
  },
  "uuid parse": (input) => {
    const id = DeviceId.parse(input);
    if (id === undefined) throw new Error("not an id");
    return { hex: id, display: DeviceId.display(id), msgpack: toHex(encode(DeviceId, id)) };
  },
  "x509_certificate_hash parse": (input) => {
    const hash = X509CertificateHash.parse(input);
    return { algorithm: hash.slice(0, hash.indexOf("-")), hex: toHex(x509CertificateDigest(hash)) };
  },
  "api_version parse": (input) => {
    const version = parseApiVersion(input);
    return version === undefined
      ? { ok: false, error: "MissingSeparator" }
      : { version: version.major, revision: version.revision };
  },
};

/** The code that our errors have for those of spec 03. */
export function errorCode(vector: AddressVector, error: string): string | undefined {
  if (vector.op === "load_msgpack_hex") return "DECODE_FAILED";
  if (error === "ParseError") return vector.kind === "datetime" ? "INVALID_DATE_TIME" : "EMAIL_PARSE_ERROR";
  if (vector.kind === "sas_code") return "SAS_CODE";
  return errorCodes[error];
}

const errorCodes: Readonly<Record<string, string>> = {
  BadSize: "BAD_SIZE",
  DuplicateParam: "DUPLICATE_PARAM",
  InvalidDeviceLabel: "INVALID_DEVICE_LABEL",
  InvalidDomain: "EMAIL_INVALID_DOMAIN",
  InvalidEmail: "INVALID_EMAIL",
  InvalidHex: "INVALID_HEX",
  InvalidLabel: "INVALID_LABEL",
  InvalidName: "INVALID_NAME",
  InvalidOrganizationID: "INVALID_ORGANIZATION_ID",
  InvalidParamValue: "INVALID_PARAM_VALUE",
  InvalidSize: "INVALID_SIZE",
  InvalidUrl: "INVALID_URL",
  InvalidUrlScheme: "INVALID_URL_SCHEME",
  MissingParam: "MISSING_PARAM",
  NameTooLong: "NAME_TOO_LONG",
  NotAbsolute: "NOT_ABSOLUTE",
  NotARedirection: "NOT_A_REDIRECTION",
  NotBase32: "NOT_BASE32",
  ShouldNotHaveAPath: "SHOULD_NOT_HAVE_A_PATH",
  UnicodeNotSupported: "EMAIL_UNICODE_NOT_SUPPORTED",
};

function describeAddress(address: Address): object {
  return { fields: fieldsOf(address), url: formatAddress(address), redirection_url: formatRedirection(address) };
}

function describeAction(address: Address): object {
  return { fields: { kind: address.kind, ...fieldsOf(address) } };
}

function fieldsOf(address: Address): object {
  const { hostname, port, useSsl } = address;
  const server = { hostname, port, use_ssl: useSsl, is_default_port: isDefaultPort(address) };
  if (address.kind === "server") return server;
  return { ...server, organization_id: address.organizationId, ...payloadOf(address) };
}

function payloadOf(address: Address): object {
  switch (address.kind) {
    case "organization":
      return { root_verify_key: toHex(address.rootVerifyKey.toBytes()) };
    case "organization_bootstrap":
      return { token: address.token };
    case "workspace_path":
      return {
        workspace_id: address.workspaceId,
        key_index: address.keyIndex,
        encrypted_path: toHex(address.encryptedPath),
      };
    case "invitation":
      return { invitation_type: address.invitationType, token: address.token };
    case "totp_reset":
      return { user_id: address.userId, token: address.token };
    default:
      return {};
  }
}

function hexBytes(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new Error("a vector is in hex");
  return bytes;
}
