import { expect, test } from "vitest";
import { S3BlockStore } from "../../src/block-store/s3.ts";

test("without the package for S3 the start ends with what to install", async () => {
  const config = { kind: "s3", endpoint: null, region: "eu", bucket: "blocks", key: "K", secret: "s3cr3t" } as const;
  const missing = () => Promise.reject(new Error("Cannot find package"));
  await expect(S3BlockStore.open(config, missing)).rejects.toMatchObject({
    code: "NATIVE_MODULE_MISSING",
    message: expect.stringMatching(/npm install @aws-sdk\/client-s3/),
  });
});
