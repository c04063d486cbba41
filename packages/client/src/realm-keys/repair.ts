import type { LoadedKeysBundle, RealmKey } from "./keys-bundle.ts";

/**
 * Takes from older bundles the keys that the last one holds corrupted, from the most recent to the oldest that may have
 * them (spec 09a §5.8). `loadOlder` gives the bundle of an index, or `undefined` when this device cannot open it. The
 * next key rotation carries the repaired keys over to everybody.
 */
export async function repairKeys(
  bundle: LoadedKeysBundle,
  loadOlder: (keyIndex: number) => Promise<LoadedKeysBundle | undefined>,
): Promise<LoadedKeysBundle> {
  const keys: RealmKey[] = [...bundle.keys];
  const firstCorrupted = keys.findIndex(({ isCorrupted }) => isCorrupted);
  if (firstCorrupted < 0) return bundle;
  // The bundle of index n holds the keys 1 to n, at the places 0 to n - 1.
  for (let keyIndex = keys.length - 1; keyIndex > firstCorrupted; keyIndex -= 1) {
    if (keys.slice(0, keyIndex).every(({ isCorrupted }) => !isCorrupted)) continue;
    const older = await loadOlder(keyIndex);
    older?.keys.forEach((key, i) => {
      if (keys[i]?.isCorrupted === true && !key.isCorrupted) keys[i] = key;
    });
  }
  return { ...bundle, keys };
}
