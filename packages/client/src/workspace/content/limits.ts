import { defaultBlocksize } from "@parsec/types";

/** Body limit of a request to the server, in bytes (spec 05 §6.1). */
const bodyLimit = 1024 * 1024;
/** What a request and a manifest need besides the blocks: generous for keys, ids, dates, signature and seal. */
const manifestOverhead = 4096;
/** An encoded block access: four keys, an id, two integers of 64 and 32 bits, a digest. The container does not compress. */
const blockAccessSize = 95;

/** The most blocks that a file may have: its manifest travels in one request. */
export const maxBlocksPerFile = Math.floor((bodyLimit - manifestOverhead) / blockAccessSize);

/** The largest file, in bytes: about 5.4 GiB. */
export const maxFileSize = maxBlocksPerFile * defaultBlocksize;
