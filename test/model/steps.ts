import fc from "fast-check";

// What three devices of two people do to one workspace, as data: fast-check makes it up, and cuts it down when it fails.

/** A place in the tree that the device shows when it acts: indexes wrap around. Few names, so that the devices meet. */
export type Place =
  | { readonly at: "entry"; readonly index: number }
  | { readonly at: "name"; readonly folder: number; readonly name: string };

/** What one device does to the tree. Sizes say how much of a block (512 KiB) or more a content takes. */
export type TreeAction =
  | { readonly kind: "write"; readonly path: Place; readonly size: number; readonly source: SourceKind }
  | { readonly kind: "edit"; readonly path: Place; readonly offset: number; readonly length: number }
  | { readonly kind: "truncate"; readonly path: Place; readonly keep: number }
  | { readonly kind: "copy"; readonly from: Place; readonly to: Place }
  | { readonly kind: "createFolder"; readonly path: Place }
  | { readonly kind: "move"; readonly from: Place; readonly to: Place; readonly replace: boolean }
  | { readonly kind: "remove"; readonly path: Place; readonly recursive: boolean }
  | { readonly kind: "sync" };

/** How a content comes: at once, a piece at a time with the others in between, or never to its end. */
export type SourceKind = "whole" | "slow" | "stalled";

export type Step =
  /** Begun in order, none awaited before the next. */
  | { readonly kind: "together"; readonly device: number; readonly actions: readonly TreeAction[] }
  /** All devices that can, at once. */
  | { readonly kind: "syncAll" }
  | { readonly kind: "offline"; readonly device: number; readonly isOffline: boolean }
  /** The next commands are executed and their replies lost. */
  | { readonly kind: "loseReplies"; readonly device: number; readonly count: number }
  /** The process dies at its k-th write from now on, during these actions, and starts again. */
  | { readonly kind: "die"; readonly device: number; readonly atWrite: number; readonly actions: readonly TreeAction[] }
  | { readonly kind: "restart"; readonly device: number }
  /** Copies the data folder away; `restore` brings the copy back. */
  | { readonly kind: "backup"; readonly device: number }
  | { readonly kind: "restore"; readonly device: number }
  | { readonly kind: "setRole"; readonly role: "MANAGER" | "READER" | null }
  | { readonly kind: "rotateKey" };

export const devices = 3;

const name = fc.constantFrom("a", "b", "c", "d.txt");
const index = fc.nat({ max: 30 });
const entry: fc.Arbitrary<Place> = fc.record({ at: fc.constant("entry" as const), index });
const fresh: fc.Arbitrary<Place> = fc.record({ at: fc.constant("name" as const), folder: index, name });
const path = fc.oneof(entry, fresh);
const device = fc.nat({ max: devices - 1 });
const block = 512 * 1024;
const size = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 6 * block }) },
);
const source = fc.oneof(
  { weight: 6, arbitrary: fc.constant<SourceKind>("whole") },
  { weight: 3, arbitrary: fc.constant<SourceKind>("slow") },
  { weight: 1, arbitrary: fc.constant<SourceKind>("stalled") },
);

const treeAction: fc.Arbitrary<TreeAction> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("write" as const), path, size, source }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("edit" as const),
      path: entry,
      offset: size,
      length: fc.integer({ min: 1, max: 5000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("truncate" as const), path: entry, keep: size }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("copy" as const), from: entry, to: path }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("createFolder" as const), path: fresh }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("move" as const), from: entry, to: path, replace: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), path: entry, recursive: fc.boolean() }) },
  { weight: 4, arbitrary: fc.constant<TreeAction>({ kind: "sync" }) },
);
const actions = fc.array(treeAction, { minLength: 1, maxLength: 4 });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 24, arbitrary: fc.record({ kind: fc.constant("together" as const), device, actions }) },
  { weight: 4, arbitrary: fc.constant<Step>({ kind: "syncAll" }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("offline" as const), device, isOffline: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("loseReplies" as const), device, count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("die" as const),
      device,
      atWrite: fc.integer({ min: 1, max: 12 }),
      actions,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const), device }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("backup" as const), device }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restore" as const), device }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("setRole" as const), role: fc.constantFrom("MANAGER", "READER", null) }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "rotateKey" }) },
);

/** A story of the three devices, of so many steps at most. */
export function story(maxLength: number): fc.Arbitrary<readonly Step[]> {
  return fc.array(step, { minLength: 5, maxLength, size: "max" });
}
