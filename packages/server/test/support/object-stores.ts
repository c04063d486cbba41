import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { randomBytes, toHex } from "@parsec/base";
import { inject } from "vitest";
import type { S3Config, SwiftConfig } from "../../src/block-store/config.ts";
import type { SwiftAddress } from "./swift-service.ts";

/** A new bucket, which is a new container too. */
export async function newBucket(address: SwiftAddress = inject("swift")): Promise<string> {
  const bucket = `blocks-${toHex(randomBytes(8))}`;
  const { endpoint, region, key, secret } = address.s3;
  const credentials = { accessKeyId: key, secretAccessKey: secret };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  } finally {
    client.destroy();
  }
  return bucket;
}

export function s3Config(bucket: string, address: SwiftAddress = inject("swift")): S3Config {
  return { kind: "s3", bucket, ...address.s3 };
}

export function swiftConfig(container: string, address: SwiftAddress = inject("swift")): SwiftConfig {
  return { kind: "swift", container, ...address.swift };
}

/** The same as `--blockstore` has it. */
export function s3Text({ endpoint, region, bucket, key, secret }: S3Config): string {
  return ["s3", endpoint ?? "", region, bucket, key, secret].map(escaped).join(":");
}

export function swiftText({ authUrl, tenant, container, user, password }: SwiftConfig): string {
  return ["swift", authUrl, tenant, container, user, password].map(escaped).join(":");
}

function escaped(part: string): string {
  return part.replaceAll("\\", "\\\\").replaceAll(":", "\\:");
}
