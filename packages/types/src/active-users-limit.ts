import { type Infer, integer, named, nullable } from "./codec/index.ts";

/** How many active users an organization may have; null is no limit, the greatest of all (spec 03 §8). */
export const ActiveUsersLimit = /* @__PURE__ */ named(
  "ActiveUsersLimit",
  /* @__PURE__ */ nullable(/* @__PURE__ */ integer("ActiveUsersLimit", 0, Number.MAX_SAFE_INTEGER)),
);
export type ActiveUsersLimit = Infer<typeof ActiveUsersLimit>;

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareActiveUsersLimits(a: ActiveUsersLimit, b: ActiveUsersLimit): number {
  if (a === b) return 0;
  return (a ?? Number.POSITIVE_INFINITY) < (b ?? Number.POSITIVE_INFINITY) ? -1 : 1;
}
