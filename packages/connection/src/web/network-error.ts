import { OfflineError } from "../errors.ts";

/** The time that a look at the server may take, in milliseconds. */
const lookMs = 3000;

/**
 * The failure of a `fetch`. Browsers tell pages nothing but that it failed. Whether the page lacks permission can be
 * found out, and is what somebody who sets up a page meets first: a request that asks for no permission gets through to
 * the same server, and the same with its answer to be read does not.
 */
export async function networkError(cause: unknown, url: string, signal: AbortSignal): Promise<OfflineError> {
  if (navigator.onLine === false) {
    return new OfflineError("The browser has no network", { reason: "unreachable", cause });
  }
  const asks = (mode: RequestMode) => getsThrough(url, mode, signal);
  if ((await asks("no-cors")) && !(await asks("cors"))) {
    return new OfflineError("The server does not let this page ask", { reason: "cors", cause });
  }
  return new OfflineError("No answer from the server", { cause });
}

async function getsThrough(url: string, mode: RequestMode, signal: AbortSignal): Promise<boolean> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(lookMs)]);
  try {
    const response = await fetch(url, { mode, credentials: "omit", signal: patience });
    response.body?.cancel().catch(() => undefined);
    return true;
  } catch {
    return false;
  }
}
