export * from "./driver/port.ts";
export { memoryDriver } from "./driver/memory/driver.ts";
export { PatternMismatchError, StorageError, type StorageErrorCode } from "./errors.ts";
