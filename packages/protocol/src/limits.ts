/** Largest request body, in bytes; a longer one gets HTTP 413 (spec 05 §6.1). */
export const requestBodyLimit = 1_048_576;

/** Most vlobs in one `vlob_read_batch` or `vlob_read_versions` (spec 05 §13.1). */
export const readBatchLimit = 1000;

/** Device and account tokens are refused from this many seconds before the server's time on (spec 05 §3.4). */
export const tokenEarlyLimit = 300;
/** Device and account tokens are refused from this many seconds after the server's time on (spec 05 §3.4). */
export const tokenLateLimit = 320;
