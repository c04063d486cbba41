import { requestBodyLimit } from "@parsec/protocol";
import { defaultBlocksize } from "@parsec/types";

/** What a request and a manifest need besides the blocks: generous for keys, ids, dates, signature and seal. */
const manifestOverhead = 4096;
/** An encoded block access: four keys, an id, two integers of 64 and 32 bits, a digest. The container does not compress. */
const blockAccessSize = 89;

/** The most blocks that a file may have: its manifest travels in one request. */
export const maxBlocksPerFile = Math.floor((requestBodyLimit - manifestOverhead) / blockAccessSize);

/** The largest file, in bytes: about 5.7 GiB. */
export const maxFileSize = maxBlocksPerFile * defaultBlocksize;
