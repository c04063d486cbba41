import { inject, test } from "vitest";
import { followGuide } from "../support/guide.ts";
import { newBucket } from "../support/object-stores.ts";
import { PostgresCluster } from "../support/postgres-cluster.ts";

test("the self-hosting guide of version 2, with blocks in S3", async () => {
  const { endpoint, region, key, secret } = inject("swift").s3;
  const { hostname, port } = new URL(endpoint);
  // As the guide escapes an address, for a shell that takes one backslash away; with a scheme, since this one has no TLS.
  const place = `http\\\\://${hostname}\\\\:${port}`;
  const blockStore = ["s3", place, region, await newBucket(), key.replace(":", "\\:"), secret].join(":");
  const cluster = await PostgresCluster.start();
  try {
    await followGuide({ postgres: cluster.url(), blockStore, blockStoreKind: "S3" });
  } finally {
    await cluster.stop();
  }
});
