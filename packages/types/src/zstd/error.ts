import { ParsecError } from "@parsec/base";

/** The bytes are no zstd frames, or what they hold is larger than the limit. */
export class ZstdError extends ParsecError<"ZSTD"> {
  override readonly name: string = "ZstdError";
  constructor(reason: string) {
    super("ZSTD", `Cannot decompress: ${reason}`);
  }
}
