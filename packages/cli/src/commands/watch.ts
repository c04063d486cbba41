import { ParsecError } from "@parsec/base";
import type { ClientEvent } from "@parsec/client";
import type { Invocation } from "../invocation.ts";
import { withSession, withWorkspace } from "../session.ts";

export function watch(invocation: Invocation): Promise<void> {
  const path = invocation.optionalOperand("path") ?? "/";
  const count = invocation.natural("count") ?? Number.POSITIVE_INFINITY;
  const { signal, output } = invocation;
  return withWorkspace(
    invocation,
    async (workspace) => {
      // What is old by now is no change.
      await workspace.sync({ signal });
      const changes = workspace.watch(path, { recursive: invocation.flag("recursive"), signal });
      output.note(`Watching ${path}`);
      let told = 0;
      for await (const change of changes) {
        output.tell({ type: "change", ...change }, change.path ?? change.id);
        told += 1;
        if (told >= count) return;
      }
      signal.throwIfAborted();
    },
    { sync: "auto" },
  );
}

export function events(invocation: Invocation): Promise<void> {
  const count = invocation.natural("count") ?? Number.POSITIVE_INFINITY;
  const { signal, output } = invocation;
  return withSession(
    invocation,
    (session) =>
      new Promise<void>((resolve, reject) => {
        let told = 0;
        const stop = session.events.onAny((event) => {
          if (told >= count) return;
          told += 1;
          output.tell({ type: "event", event: plain(event) }, JSON.stringify(plain(event)));
          if (told >= count) end(resolve);
        });
        const interrupted = () => end(() => reject(signal.reason));
        signal.addEventListener("abort", interrupted, { once: true });
        if (signal.aborted) interrupted();
        function end(settle: () => void): void {
          signal.removeEventListener("abort", interrupted);
          stop();
          settle();
        }
      }),
    { sync: "auto", refresh: false },
  );
}

/** Errors as what they say; JSON has nothing for them. */
function plain(event: ClientEvent): unknown {
  return JSON.parse(
    JSON.stringify(event, (_name, value: unknown) => {
      if (ParsecError.is(value)) return { code: value.code, message: value.message };
      return value instanceof Error ? { message: value.message } : value;
    }),
  );
}
