import { holds } from "./patience.ts";

/** Until nothing has been under way for some turns of the event loop. */
export async function calm(isUnderWay: () => boolean): Promise<void> {
  for (let turns = 0; turns < 12; turns += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!isUnderWay()) continue;
    await holds("the answers to all commands", () => !isUnderWay());
    turns = 0;
  }
}
