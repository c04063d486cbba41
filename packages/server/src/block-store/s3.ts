import { Readable } from "node:stream";
import { NativeModuleMissingError } from "@parsec/base";
import type { OrganizationId } from "@parsec/types";
import type { S3Config } from "./config.ts";
import { missingBlock } from "./content.ts";
import { blockOfObject, objectName, objectPrefix } from "./object-name.ts";
import {
  type BlockContent,
  type BlockKey,
  type BlockOptions,
  type BlockStore,
  BlockStoreError,
  type ListedBlock,
} from "./port.ts";

type S3Module = typeof import("@aws-sdk/client-s3");
type S3Client = InstanceType<S3Module["S3Client"]>;

/** Milliseconds. The client tries again by itself, three times in all. */
const timeouts = { connectionTimeout: 5000, socketTimeout: 20_000 };

/** Blocks as objects of a bucket: of Amazon S3, or of anything that speaks as it does. */
export class S3BlockStore implements BlockStore {
  readonly keying = "organization";
  readonly #s3: S3Module;
  readonly #client: S3Client;
  readonly #bucket: string;

  private constructor(s3: S3Module, client: S3Client, bucket: string) {
    this.#s3 = s3;
    this.#client = client;
    this.#bucket = bucket;
  }

  /** Looks whether the bucket is there. @throws BlockStoreError @throws NativeModuleMissingError */
  static async open(config: S3Config, load: () => Promise<S3Module> = loadS3): Promise<S3BlockStore> {
    const { endpoint, region, bucket, key, secret } = config;
    const s3 = await installed(load);
    const client = new s3.S3Client({
      region,
      credentials: { accessKeyId: key, secretAccessKey: secret },
      // Only Amazon has a host name for each bucket.
      ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
      // Other stores than Amazon's do not know the checksums that it takes today.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      requestHandler: timeouts,
    });
    try {
      await client.send(new s3.HeadBucketCommand({ Bucket: bucket }));
    } catch (cause) {
      client.destroy();
      const what = `The bucket of the block store cannot be used (${reasonOf(cause)})`;
      const advice = "check endpoint, region, name, key and secret, and that it exists";
      throw new BlockStoreError("BLOCK_STORE_FAILED", `${what}: ${advice}`, { cause });
    }
    return new S3BlockStore(s3, client, bucket);
  }

  async put(key: BlockKey, block: Uint8Array, options?: BlockOptions): Promise<void> {
    const command = new this.#s3.PutObjectCommand({ ...this.#object(key), Body: block, ContentLength: block.length });
    await this.#run(options, (inTime) => this.#client.send(command, inTime));
  }

  async *get(key: BlockKey, { size }: BlockContent, options?: BlockOptions): AsyncIterable<Uint8Array> {
    const command = new this.#s3.GetObjectCommand(this.#object(key));
    const { Body: body } = await this.#run(options, (inTime) => this.#client.send(command, inTime));
    if (!(body instanceof Readable)) throw failed("it sent no body");
    try {
      let left = size;
      for await (const part of body) {
        options?.signal?.throwIfAborted();
        if (!(part instanceof Uint8Array)) throw failed("it sent no bytes");
        yield new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
        left -= part.length;
        // More than there should be: who reads has seen it.
        if (left < 0) return;
      }
    } catch (error) {
      throw failure(error, options);
    }
  }

  async has(key: BlockKey, options?: BlockOptions): Promise<boolean> {
    const command = new this.#s3.HeadObjectCommand(this.#object(key));
    try {
      await this.#run(options, (inTime) => this.#client.send(command, inTime));
      return true;
    } catch (error) {
      if (error instanceof BlockStoreError && error.code === "BLOCK_MISSING") return false;
      throw error;
    }
  }

  async delete(key: ListedBlock, options?: BlockOptions): Promise<void> {
    const command = new this.#s3.DeleteObjectCommand(this.#object(key));
    await this.#run(options, (inTime) => this.#client.send(command, inTime));
  }

  async *list(organizationId: OrganizationId, options?: BlockOptions): AsyncIterable<ListedBlock> {
    for (let token: string | undefined; ; ) {
      const command = new this.#s3.ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: objectPrefix(organizationId),
        ContinuationToken: token,
      });
      const page = await this.#run(options, (inTime) => this.#client.send(command, inTime));
      for (const { Key: name = "" } of page.Contents ?? []) {
        const blockId = blockOfObject(name, organizationId);
        if (blockId !== undefined) yield { organizationId, realmId: null, blockId };
      }
      token = page.NextContinuationToken;
      if (token === undefined) return;
    }
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  #object(block: ListedBlock) {
    return { Bucket: this.#bucket, Key: objectName(block) };
  }

  async #run<T>(
    options: BlockOptions | undefined,
    send: (options: { readonly abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const signal = options?.signal;
    signal?.throwIfAborted();
    try {
      return await send(signal === undefined ? {} : { abortSignal: signal });
    } catch (error) {
      throw failure(error, options);
    }
  }
}

/** An optional peer: those who keep blocks elsewhere do not install it. */
const loadS3 = () => import("@aws-sdk/client-s3");

async function installed(load: () => Promise<S3Module>): Promise<S3Module> {
  try {
    return await load();
  } catch (cause) {
    throw new NativeModuleMissingError("@aws-sdk/client-s3", { cause });
  }
}

function failure(error: unknown, options: BlockOptions | undefined): unknown {
  if (options?.signal?.aborted) return options.signal.reason;
  if (error instanceof BlockStoreError) return error;
  const reason = reasonOf(error);
  return reason === "NoSuchKey" || reason === "NotFound" ? missingBlock() : failed(reason, error);
}

function failed(reason: string, cause?: unknown): BlockStoreError {
  const what = `The bucket of the block store did not do it (${reason})`;
  return new BlockStoreError("BLOCK_STORE_FAILED", `${what}: look whether it can be reached`, { cause });
}

/** Without what the message may quote. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown reason";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
