import { expect } from "vitest";
import { memoryDriver } from "../../src/index.ts";
import { contentOf, dataOf, type Opened, openAll, steps, workDeviceId } from "../support/workload.ts";

// What a driver owes when something goes wrong in the middle of a step: the step is stored whole, or not at all.

interface State {
  readonly data: string;
  readonly content: readonly (readonly [string, string])[];
}

async function stateOf(opened: Opened): Promise<State> {
  return { data: await dataOf(opened), content: await contentOf(opened) };
}

/** Before the first step, and after each. */
export async function expectedStates(): Promise<readonly State[]> {
  const opened = await openAll(await memoryDriver().openDevice(workDeviceId));
  const states = [await stateOf(opened)];
  for (const step of steps) {
    await step(opened);
    states.push(await stateOf(opened));
  }
  return states;
}

/**
 * The databases are as after so many steps; or, when `orNext`, as after one more. The cache may have less. Gives how
 * many steps there were.
 */
export async function expectStep(
  opened: Opened,
  done: number,
  states: readonly State[],
  { orNext }: { readonly orNext: boolean },
): Promise<number> {
  const { data, content } = await stateOf(opened);
  const candidates = orNext ? [done, done + 1] : [done];
  const matching = candidates.filter((index) => states[index] !== undefined && fits(content, states, index));
  const found = matching.find((index) => states[index]?.data === data);
  if (found === undefined) expect({ data, content }).toEqual(candidates.map((index) => states[index]));
  return found ?? done;
}

/** What waits is there. A chunk on its way to the cache may be in either place, or in both; a cached one may be gone. */
function fits(content: State["content"], states: readonly State[], index: number): boolean {
  const own = states[index]?.content ?? [];
  const next = states[index + 1]?.content ?? own;
  return content.every(([chunk, block], place) => {
    const [ownChunk = "", ownBlock = ""] = own[place] ?? [];
    const [nextChunk = "", nextBlock = ""] = next[place] ?? [];
    const moves = ownChunk !== "" && nextChunk === "" && nextBlock === ownChunk;
    const isBlockRight = block === "" || block === ownBlock || (moves && block === ownChunk);
    return isBlockRight && (chunk === ownChunk || (moves && chunk === "" && block === ownChunk));
  });
}
