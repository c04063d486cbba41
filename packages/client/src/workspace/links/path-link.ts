import { hasCode, utf8 } from "@parsec/base";
import {
  decrypt,
  FsPath,
  formatAddress,
  formatRedirection,
  parseAddressInAnyForm,
  pathAddressKey,
  type WorkspacePathAddress,
} from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";

/** A link to a path of a workspace, in its forms. */
export interface PathLink {
  readonly address: WorkspacePathAddress;
  /** `parsec3://…` */
  readonly link: string;
  /** `https://…/redirect/…`: opens in a browser, too. */
  readonly redirection: string;
}

interface LinkOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A link that members of the workspace can open; the server cannot read the path in it. There need be no such entry.
 * @throws RealmKeysError
 */
export async function makePathLink(
  { session, realmId }: WorkspaceContext,
  path: FsPath,
  options: LinkOptions,
): Promise<PathLink> {
  const { realmKey, keyIndex } = await session.realmKeys.current(realmId, options);
  const { serverUrl, organizationId } = session.device;
  const address: WorkspacePathAddress = {
    ...serverUrl,
    kind: "workspace_path",
    organizationId,
    workspaceId: realmId,
    keyIndex,
    encryptedPath: pathAddressKey(realmKey).encrypt(utf8(path)),
  };
  return { address, link: formatAddress(address), redirection: formatRedirection(address) };
}

/**
 * The path in a link. The link must be of this workspace: its `workspaceId` and `organizationId` say which one it is of.
 * @throws WorkspaceError LINK_OF_OTHER_WORKSPACE, LINK_CORRUPTED; ClientError REALM_KEY_NOT_FOUND, REALM_KEY_CORRUPTED;
 * AddressError; RealmKeysError
 */
export async function openPathLink(
  context: WorkspaceContext,
  link: string | WorkspacePathAddress,
  options: LinkOptions,
): Promise<FsPath> {
  const { session, realmId } = context;
  const address = typeof link === "string" ? parseAddressInAnyForm("workspace_path", link) : link;
  const { workspaceId, organizationId, keyIndex, encryptedPath } = address;
  if (workspaceId !== realmId || organizationId !== session.device.organizationId) {
    throw new WorkspaceError("LINK_OF_OTHER_WORKSPACE", "This link leads into another workspace: open it there");
  }
  const realmKey = await keyOf(context, keyIndex, options);
  try {
    const bytes = decrypt(pathAddressKey(realmKey), encryptedPath);
    return FsPath.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new WorkspaceError("LINK_CORRUPTED", "This link is damaged: ask for it again", { cause });
  }
}

/** Of a key that this device does not know yet the server is asked, once. */
async function keyOf({ session, realmId }: WorkspaceContext, keyIndex: number, options: LinkOptions) {
  try {
    return await session.realmKeys.ofIndex(realmId, keyIndex, options);
  } catch (error) {
    if (!hasCode(error, "REALM_KEY_NOT_FOUND")) throw error;
  }
  await session.certificates.poll(options);
  return session.realmKeys.ofIndex(realmId, keyIndex, options);
}
