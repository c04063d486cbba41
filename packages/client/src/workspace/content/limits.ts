import { requestBodyLimit } from "@parsec/protocol";
import { defaultBlocksize, type LocalFileManifest } from "@parsec/types";
import { WorkspaceError } from "../errors.ts";

/** What a request and a manifest need besides the blocks: generous for keys, ids, dates, signature and seal. */
const manifestOverhead = 4096;
/** An encoded block access: four keys, an id, two integers of 64 and 32 bits, a digest. The container does not compress. */
const blockAccessSize = 89;

/** The most blocks that a file may have: its manifest travels in one request. */
export const maxBlocksPerFile = Math.floor((requestBodyLimit - manifestOverhead) / blockAccessSize);

/** The largest file, in bytes: about 5.7 GiB. */
export const maxFileSize = maxBlocksPerFile * defaultBlocksize;

/**
 * For who makes a file that long, before anything is made of it: slots are counted, also those of a hole.
 * @throws WorkspaceError FILE_TOO_LARGE
 */
export function checkLength({ base, blocksize }: LocalFileManifest, length: number): void {
  if (length <= maxBlocksPerFile * blocksize) return;
  throw new WorkspaceError(
    "FILE_TOO_LARGE",
    `A file has at most ${maxBlocksPerFile * blocksize} bytes, so that its manifest fits in one request; this one would have ${length}`,
    { entryId: base.id },
  );
}
