/** How far a long operation has come, in bytes or items; `total` is absent when it is not known. */
export interface Progress {
  readonly done: number;
  readonly total?: number;
}

/** Options that every long operation takes. */
export interface OperationOptions {
  /** An abort rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}
