import { ParsecError } from "@parsec/base";
import type { Infer } from "./codec/index.ts";
import { textKind, toNfc, utf8Size } from "./text-kind.ts";

export class EntryNameError extends ParsecError<"NAME_TOO_LONG" | "INVALID_NAME"> {
  override readonly name: string = "EntryNameError";
}

const maxSize = 255;

/**
 * Name of a file, a folder or a workspace (spec 03 §3): NFC, at most 255 bytes. `parse` throws {@link EntryNameError}.
 */
export const EntryName = /* @__PURE__ */ textKind("EntryName", (text) => {
  const name = toNfc(text);
  if (name === undefined) throw new EntryNameError("INVALID_NAME", "The name is not valid Unicode text");
  if (utf8Size(name) > maxSize) throw new EntryNameError("NAME_TOO_LONG", `A name has at most ${maxSize} bytes`);
  if (name === "" || name === "." || name === ".." || /[/\0]/.test(name)) {
    throw new EntryNameError("INVALID_NAME", "A name is not empty, '.' or '..', and holds no '/' and no NUL");
  }
  return name;
});
export type EntryName = Infer<typeof EntryName>;

/**
 * Splits at the first `.` that is not the first character: `foo.tar.gz` gives `foo` and `tar.gz`. Without such a dot
 * there is no suffix. Names of conflicting copies are built from the two (spec 03 §3).
 */
export function prefixAndSuffix(name: EntryName): { readonly prefix: string; readonly suffix: string | undefined } {
  const dot = name.indexOf(".", 1);
  if (dot < 0) return { prefix: name, suffix: undefined };
  return { prefix: name.slice(0, dot), suffix: name.slice(dot + 1) };
}
