/**
 * Calls somebody else's function. What it throws is its owner's: it never breaks the caller, and is reported as the
 * platform reports uncaught errors.
 */
export function callListener(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
