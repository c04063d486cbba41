import type { Invocation } from "../invocation.ts";
import { withWorkspace } from "../session.ts";

export function link(invocation: Invocation): Promise<void> {
  const path = invocation.operand("path");
  const { signal, output } = invocation;
  return withWorkspace(invocation, async (workspace) => {
    if (invocation.flag("open")) {
      const found = await workspace.openLink(path, { signal });
      output.tell({ type: "path", path: found }, found);
    } else {
      const made = await workspace.linkTo(path, { signal });
      output.tell({ type: "link", path, link: made.link, redirection: made.redirection }, made.link);
    }
  });
}
