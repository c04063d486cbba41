import { VlobId } from "@parsec/types";
import { expect, test } from "vitest";
import { mergeChildren } from "../../src/workspace/merge/children.ts";
import { name } from "./support/memory-tree.ts";

const [renamed, fresh, theirs] = [VlobId.generate(), VlobId.generate(), VlobId.generate()];

test("a rename that saves an entry from a removal keeps its name, whatever the others are called aside", () => {
  const aside = name("a (Parsec - name conflict)");
  const merged = mergeChildren(
    new Map([[name("old"), renamed]]),
    new Map([
      [aside, renamed],
      [name("a"), fresh],
    ]),
    new Map([[name("a"), theirs]]),
  );
  expect(merged).toEqual(
    new Map([
      [name("a"), theirs],
      [aside, renamed],
      [name("a (Parsec - name conflict 2)"), fresh],
    ]),
  );
});
