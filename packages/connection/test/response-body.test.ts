import type { Dispatcher } from "undici";
import { describe, expect, it, vi } from "vitest";
import { ResponseBody } from "../src/node/response-body.ts";

function body() {
  const controller = { pause: vi.fn<() => void>(), resume: vi.fn<() => void>(), abort: vi.fn<() => void>() };
  return { controller, body: new ResponseBody(controller as unknown as Dispatcher.DispatchController) };
}

describe("the body of an answer that nobody reads yet", () => {
  it.each([
    ["in large pieces", 64 * 1024, 5],
    // Each takes more memory than its bytes.
    ["byte by byte", 1, 257],
  ])("pauses its socket: %s", async (_, size, count) => {
    const { controller, body: answer } = body();
    for (let k = 1; k < count; k += 1) answer.push(Buffer.alloc(size));
    expect(controller.pause).not.toHaveBeenCalled();
    answer.push(Buffer.alloc(size));
    expect(controller.pause).toHaveBeenCalledTimes(1);
    const parts = answer[Symbol.asyncIterator]();
    for (let k = 1; k <= count; k += 1) expect((await parts.next()).value).toHaveLength(size);
    expect(controller.resume).not.toHaveBeenCalled();
    const last = parts.next();
    expect(controller.resume).toHaveBeenCalledTimes(1);
    answer.end();
    expect(await last).toEqual({ done: true, value: undefined });
    // What was read does not count any more.
    for (let k = 1; k < count; k += 1) answer.push(Buffer.alloc(size));
    expect(controller.pause).toHaveBeenCalledTimes(1);
  });
});
