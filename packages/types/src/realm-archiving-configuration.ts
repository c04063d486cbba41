import { type Infer, named, taggedUnion } from "./codec/index.ts";
import { DateTime } from "./time.ts";

/** Whether a realm can be written to, and when it will be deleted (spec 02 §7.2). */
export const RealmArchivingConfiguration = /* @__PURE__ */ named(
  "RealmArchivingConfiguration",
  /* @__PURE__ */ taggedUnion("type", {
    AVAILABLE: {},
    ARCHIVED: {},
    DELETION_PLANNED: { deletionDate: DateTime },
  }),
);
export type RealmArchivingConfiguration = Infer<typeof RealmArchivingConfiguration>;
