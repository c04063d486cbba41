export { PreventSyncPatternError } from "./error.ts";
export { PreventSyncPattern } from "./pattern.ts";
