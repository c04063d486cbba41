export { compressRaw } from "./compress.ts";
export { decompress } from "./decompress.ts";
export { ZstdError } from "./error.ts";
