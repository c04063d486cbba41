import { orAbort } from "@parsec/base";
import type { SaveStrategy } from "@parsec/device";

/**
 * A protection whose key is made already: the slow part of saving, which may fail for many reasons. From then on only
 * the disk can fail, and several saves share the one key.
 */
export async function withKeyInAdvance(
  protection: SaveStrategy,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<SaveStrategy> {
  const { type, offlineLogin, totp } = protection;
  const key = await orAbort(protection.createKey(options), options.signal);
  return {
    ...{ type, offlineLogin, totp },
    createKey: () => Promise.resolve(key),
    openKey: (file, openOptions) => protection.openKey(file, openOptions),
  };
}
