import { inject, test } from "vitest";
import { followGuide } from "../support/guide.ts";

test("the self-hosting guide of version 2, with its names: from an empty database to an organization and its mails", async () => {
  const { url: postgres = "" } = inject("postgres") ?? {};
  await followGuide({ postgres, blockStore: "POSTGRESQL", blockStoreKind: "POSTGRESQL" });
});
