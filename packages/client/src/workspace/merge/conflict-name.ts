import { utf8 } from "@parsec/base";
import { EntryName, prefixAndSuffix } from "@parsec/types";

/** Longest entry name, in UTF-8 bytes (spec 03 §3). */
const maxNameSize = 255;
/** How much of a too long name goes at each try, in bytes. */
const cutSize = 10;

/** A name in pieces: `lead` is never cut, the mark of the conflict comes after `stem`, then the dotted `extensions`. */
interface NameParts {
  readonly lead: string;
  readonly stem: string;
  readonly extensions: readonly string[];
}

/**
 * The free name for an entry whose own is taken by another entry of the merged folder (spec 11 §10.1):
 * `report (Parsec - name conflict).txt`, then `report (Parsec - name conflict 2).txt`, …
 */
export function nameConflictName(name: EntryName, isTaken: (name: EntryName) => boolean): EntryName {
  for (let counter = 1; ; counter += 1) {
    const mark = counter === 1 ? "(Parsec - name conflict)" : `(Parsec - name conflict ${counter})`;
    const candidate = fit(setDotAside(splitName(name)), mark, { restoreStem: true });
    if (!isTaken(candidate)) return candidate;
  }
}

/**
 * The free name for the copy that keeps the local content after a content conflict (spec 11 §11.5):
 * `data (Parsec sync conflict 2).txt`, counting from 2. Without a known name, `lost+found` stands for it.
 */
export function syncConflictName(name: EntryName | undefined, isTaken: (name: EntryName) => boolean): EntryName {
  const parts = name === undefined ? { lead: "", stem: "lost+found", extensions: [] } : splitName(name);
  for (let counter = 2; ; counter += 1) {
    const candidate = fit(parts, `(Parsec sync conflict ${counter})`, { restoreStem: false });
    if (!isTaken(candidate)) return candidate;
  }
}

function splitName(name: EntryName): NameParts {
  const { prefix, suffix } = prefixAndSuffix(name);
  return { lead: "", stem: prefix, extensions: suffix === undefined ? [] : suffix.split(".") };
}

/** A leading dot does not count when the stem is measured: only the name conflict rule asks for this. */
function setDotAside({ stem, extensions }: NameParts): NameParts {
  return stem.startsWith(".") ? { lead: ".", stem: stem.slice(1), extensions } : { lead: "", stem, extensions };
}

/**
 * The marked name, shortened until it fits: the stem loses ten bytes at a time, and when it is short already, the
 * extension loses its left-most item. `restoreStem` gives the full stem back when an item goes.
 */
function fit(parts: NameParts, mark: string, { restoreStem }: { restoreStem: boolean }): EntryName {
  let { stem, extensions } = parts;
  for (;;) {
    const candidate = [`${parts.lead}${stem} ${mark}`, ...extensions].join(".");
    if (utf8(candidate).length <= maxNameSize) return EntryName.parse(candidate);
    if (utf8(stem).length > cutSize) {
      stem = cutEnd(stem);
    } else {
      if (restoreStem) stem = parts.stem;
      extensions = extensions.slice(1);
    }
  }
}

/** Ten bytes less at the end, and the rest of the character that the cut would halve. */
function cutEnd(text: string): string {
  const end = utf8(text).length - cutSize;
  let kept = "";
  let size = 0;
  for (const character of text) {
    size += utf8(character).length;
    if (size > end) break;
    kept += character;
  }
  return kept;
}
