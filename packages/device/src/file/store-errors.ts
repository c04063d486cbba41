import { DeviceError, DeviceStoreError } from "../errors.ts";

// The errors of a device store in the words of the operations (spec 06 §9.7).

/** What a read may refuse. @throws DeviceError INVALID_PATH, STORAGE_NOT_AVAILABLE */
export async function reading<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (cause) {
    if (!(cause instanceof DeviceStoreError)) throw cause;
    const code = cause.code === "STORAGE_NOT_AVAILABLE" ? "STORAGE_NOT_AVAILABLE" : "INVALID_PATH";
    throw new DeviceError(code, cause.message, { cause });
  }
}

/** What a write may refuse. @throws DeviceError INVALID_PATH, NO_SPACE_AVAILABLE */
export async function writing<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (cause) {
    if (!(cause instanceof DeviceStoreError)) throw cause;
    const isFull = cause.code === "STORAGE_NOT_AVAILABLE" || cause.code === "NO_SPACE_LEFT";
    throw new DeviceError(isFull ? "NO_SPACE_AVAILABLE" : "INVALID_PATH", cause.message, { cause });
  }
}
