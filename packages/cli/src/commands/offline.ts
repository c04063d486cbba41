import type { Invocation } from "../invocation.ts";
import { pull, withWorkspace } from "../session.ts";

export function add(invocation: Invocation): Promise<void> {
  const path = invocation.operand("path");
  return withWorkspace(invocation, async (workspace) => {
    await pull(invocation, workspace);
    await workspace.makeLocal(path, { signal: invocation.signal });
    invocation.output.report({ type: "kept", path }, `${path} is kept on this device`);
  });
}

export function remove(invocation: Invocation): Promise<void> {
  const path = invocation.operand("path");
  return withWorkspace(invocation, async (workspace) => {
    await workspace.release(path, { signal: invocation.signal });
    invocation.output.report({ type: "released", path }, `${path} may leave this device`);
  });
}
