/**
 * Where small files of the configuration live: device files, pending enrollments. Paths are relative to the
 * configuration folder, with `/`. Methods reject with a `DeviceStoreError`.
 */
export interface DeviceStore {
  /**
   * Paths of all files below `folder`, at any depth, whose name ends with `.extension`, sorted component by component
   * in the order of bytes. A missing folder is empty. Links are passed over.
   * @throws DeviceStoreError STORAGE_NOT_AVAILABLE
   */
  list(folder: string, extension: string): Promise<readonly string[]>;
  /** @throws DeviceStoreError STORAGE_NOT_AVAILABLE, NOT_FOUND, NOT_A_FILE, INVALID_PARENT, INVALID_PATH */
  read(path: string): Promise<Uint8Array>;
  /**
   * Creates or replaces a file, with the folders above it: afterwards there is the old content or the new one, on disk.
   * @throws DeviceStoreError all but NOT_FOUND
   */
  write(path: string, content: Uint8Array): Promise<void>;
  /** Replaces a file at `to`. @throws DeviceStoreError */
  rename(from: string, to: string): Promise<void>;
  /** @throws DeviceStoreError NOT_FOUND, … */
  remove(path: string): Promise<void>;
}
