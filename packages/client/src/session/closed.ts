import { ClientError } from "../errors.ts";

/** @throws ClientError SESSION_CLOSED when the signal of the session has aborted */
export function throwIfClosed({ signal }: { readonly signal: AbortSignal }): void {
  if (signal.aborted) throw new ClientError("SESSION_CLOSED");
}
