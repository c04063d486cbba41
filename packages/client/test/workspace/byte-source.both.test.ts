import { describe, expect, test } from "vitest";
import { type ByteSource, SourceReader } from "../../src/workspace/content/byte-source.ts";
import { cutInPieces } from "../../src/workspace/content/cut-in-pieces.ts";

async function bytesOf(source: ByteSource): Promise<number[]> {
  const reader = SourceReader.open(source);
  const all: number[] = [];
  try {
    for (let piece = await reader.next(); piece !== undefined; piece = await reader.next()) all.push(...piece);
  } finally {
    reader.close();
  }
  return all;
}

async function* given<T>(...pieces: readonly T[]): AsyncGenerator<T, void, undefined> {
  yield* pieces;
}

function streamOf<T>(...pieces: readonly T[]): ReadableStream<T> {
  return new ReadableStream<T>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

function streamFrom(pieces: AsyncIterator<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
}

const words = new Uint16Array([0x0201, 0x0403]);
const wordBytes = [...new Uint8Array(words.buffer)];
const smile = "\u{1f600}";
const smileBytes = [0xf0, 0x9f, 0x98, 0x80];

describe("a source gives its own bytes, whatever they come in", () => {
  test.each<readonly [string, () => ByteSource, readonly number[]]>([
    ["bytes", () => new Uint8Array([1, 2, 3]), [1, 2, 3]],
    ["a part of a buffer", () => new Uint8Array([0, 1, 2, 3]).subarray(1, 3), [1, 2]],
    ["an ArrayBuffer", () => new Uint8Array([1, 2]).buffer, [1, 2]],
    ["a Uint16Array", () => words, wordBytes],
    ["a part of a Uint16Array", () => words.subarray(1), wordBytes.slice(2)],
    ["a DataView", () => new DataView(words.buffer, 1, 2), wordBytes.slice(1, 3)],
    ["a text", () => `a${smile}`, [0x61, ...smileBytes]],
    ["an empty text", () => "", []],
    ["a Blob", () => new Blob(["ab"]), [0x61, 0x62]],
    ["an empty Blob", () => new Blob([]), []],
    ["a stream of bytes", () => streamOf(new Uint8Array([1]), new Uint8Array([2])), [1, 2]],
    ["a stream of texts", () => streamOf("a", "b"), [0x61, 0x62]],
    ["a stream of ArrayBuffers", () => streamOf(new Uint8Array([7]).buffer), [7]],
    ["an iterable of bytes", () => given(new Uint8Array([1]), new Uint8Array(0), new Uint8Array([2])), [1, 2]],
    ["an iterable of Uint16Arrays", () => given(words), wordBytes],
    ["an iterable of ArrayBuffers", () => given(new Uint8Array([9]).buffer), [9]],
    ["an iterable of texts", () => given("a", smile), [0x61, ...smileBytes]],
    ["texts that share a character", () => given("a\ud83d", "\ude00"), [0x61, ...smileBytes]],
    [
      "texts that share two characters",
      () => given("\ud83d", "\ude00\ud83d", "\ude00"),
      [...smileBytes, ...smileBytes],
    ],
    ["texts and bytes mixed", () => given<Uint8Array | string>("a", new Uint8Array([1])), [0x61, 1]],
    ["an array of bytes", () => [new Uint8Array([1]), new Uint8Array([2])], [1, 2]],
    ["nothing", () => given(), []],
  ])("%s", async (_, source, bytes) => {
    expect(await bytesOf(source())).toEqual(bytes);
  });

  test.each<readonly [string, ByteSource, number]>([
    ["bytes", new Uint8Array(3), 3],
    ["a Uint16Array", words, 4],
    ["an ArrayBuffer", new ArrayBuffer(5), 5],
    ["a text", smile, 4],
    ["a Blob", new Blob(["abc"]), 3],
  ])("%s knows its size", (_, source, size) => {
    expect(SourceReader.open(source).size).toBe(size);
  });

  test("a stream and an iterable do not know their size", () => {
    expect(SourceReader.open(streamOf("a")).size).toBeUndefined();
    expect(SourceReader.open(given("a")).size).toBeUndefined();
  });
});

describe("what is no content is a typed error, and never something else in its place", () => {
  test.each<readonly [string, unknown]>([
    ["a number", 5],
    ["nothing", undefined],
    ["null", null],
    ["a function", () => undefined],
    ["an object", {}],
    ["half a character", "\ud83d"],
  ])("%s", (_, source) => {
    expect(() => SourceReader.open(source as ByteSource)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", argument: "source" }),
    );
  });

  test.each<readonly [string, readonly unknown[]]>([
    ["a number", [5]],
    ["a number after bytes", [new Uint8Array(1), 5]],
    ["null", [null]],
    ["an array", [[1, 2]]],
    ["half a character at the end", ["a\ud83d"]],
    ["half a character before bytes", ["a\ud83d", new Uint8Array(1)]],
    ["half a character before another one", ["\ud83d", "b"]],
    ["the second half alone", ["\ude00"]],
  ])("%s among the pieces", async (_, pieces) => {
    await expect(bytesOf(given(...pieces) as ByteSource)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(bytesOf(streamOf(...pieces) as ByteSource)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("a stream that somebody reads", () => {
    const stream = streamOf("a");
    stream.getReader();
    expect(() => SourceReader.open(stream)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

/** A source that never answers, and notes how it is told to stop. */
function silentSources(): readonly (readonly [string, () => { source: ByteSource; told: string[] }])[] {
  return [
    [
      "stream",
      () => {
        const told: string[] = [];
        const pull = () => new Promise<void>(() => undefined);
        const source = new ReadableStream<Uint8Array>({ pull, cancel: (reason) => void told.push(String(reason)) });
        return { source, told };
      },
    ],
    [
      "iterator",
      () => {
        const told: string[] = [];
        const silent = {
          next: () => new Promise<IteratorResult<Uint8Array>>(() => undefined),
          return: () => {
            told.push("return");
            return new Promise<IteratorResult<Uint8Array>>(() => undefined);
          },
          [Symbol.asyncIterator]() {
            return this;
          },
        };
        return { source: silent, told };
      },
    ],
    [
      "stream of Node",
      () => {
        const told: string[] = [];
        const silent = {
          on: (event: string) => told.push(`on ${event}`),
          destroy: () => told.push("destroy"),
          [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<Uint8Array>>(() => undefined) }),
        };
        return { source: silent, told };
      },
    ],
  ];
}

describe.each(silentSources())("a %s that never answers", (kind, make) => {
  const toldWhenClosed = { stream: ["enough"], iterator: ["return"], "stream of Node": ["on error", "destroy"] }[kind];

  test("lets go at an abort, and is told when it is closed", async () => {
    const { source, told } = make();
    const reader = SourceReader.open(source);
    const stop = new AbortController();
    const reason = new Error("enough");
    const pending = reader.next(stop.signal);
    await Promise.resolve();
    stop.abort(reason);
    await expect(pending).rejects.toBe(reason);
    expect(reader.hasFailed).toBe(false);
    reader.close("enough");
    reader.close("again");
    expect(told).toEqual(toldWhenClosed);
  });

  test("is told when nobody begins to read it", () => {
    const { source, told } = make();
    SourceReader.open(source).close("enough");
    expect(told).toEqual(toldWhenClosed);
  });
});

describe("the end of a source", () => {
  test("an aborted reader asks for nothing more", async () => {
    let asked = 0;
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          asked += 1;
          return { done: false as const, value: new Uint8Array(1) };
        },
      }),
    };
    const reader = SourceReader.open(source);
    await reader.next();
    const reason = new Error("enough");
    await expect(reader.next(AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(asked).toBe(1);
  });

  test("a stream that is closed is free again", async () => {
    const stream = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(1)) });
    const reader = SourceReader.open(stream);
    await reader.next();
    expect(stream.locked).toBe(true);
    reader.close();
    expect(stream.locked).toBe(false);
  });

  test("a stream that somebody else reads goes on when it is refused", async () => {
    const stream = streamOf("a");
    const other = stream.getReader();
    expect(() => SourceReader.open(stream)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    expect(await other.read()).toEqual({ done: false, value: "a" });
  });

  test("a source that ended is told nothing", async () => {
    let told = 0;
    const pieces = [new Uint8Array(1)];
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: pieces.length === 0, value: pieces.pop() ?? new Uint8Array() }),
        return: async () => {
          told += 1;
          return { done: true as const, value: new Uint8Array() };
        },
      }),
    };
    expect(await bytesOf(source)).toEqual([0]);
    expect(told).toBe(0);
  });

  test("a source that fails says so, and its error comes through", async () => {
    const failure = new Error("broken");
    const failing = async function* () {
      yield new Uint8Array(1);
      throw failure;
    };
    for (const source of [failing(), streamFrom(failing())]) {
      const reader = SourceReader.open(source);
      await reader.next();
      await expect(reader.next()).rejects.toBe(failure);
      expect(reader.hasFailed).toBe(true);
      reader.close();
    }
  });

  test("what a source throws when it is told to stop is nobody's failure", async () => {
    const rude = {
      next: async () => ({ done: false, value: new Uint8Array(1) }),
      return: () => {
        throw new Error("no");
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    const reader = SourceReader.open(rude as unknown as ByteSource);
    await reader.next();
    reader.close();
    expect(await reader.next()).toBeUndefined();
  });

  test("a refused stream is cancelled, a refused iterator is told, a refused stream of Node destroyed", () => {
    const told: string[] = [];
    const spent = { readableEnded: true, destroy: () => told.push("destroy"), [Symbol.asyncIterator]: () => given() };
    expect(() => SourceReader.open(spent as unknown as ByteSource)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
    const iterator = { next: () => undefined, return: () => told.push("return") };
    expect(() => SourceReader.open(iterator as unknown as ByteSource)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
    expect(told).toEqual(["destroy", "return"]);
  });

  test("a source that is always ready lets a timer stop it", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("timer")), 0);
    const endless = {
      [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false as const, value: new Uint8Array(0) }) }),
    };
    const reader = SourceReader.open(endless);
    const pump = async () => {
      for (;;) await reader.next(stop.signal);
    };
    await expect(pump()).rejects.toThrow("timer");
  });
});

describe("pieces", () => {
  const sizes = async (source: ByteSource, size: number, expected?: number): Promise<number[]> => {
    const found: number[] = [];
    for await (const piece of cutInPieces(SourceReader.open(source), size, { expected })) found.push(piece.length);
    return found;
  };
  const parts = (...lengths: readonly number[]) => given(...lengths.map((length) => new Uint8Array(length)));

  test.each<readonly [string, readonly number[], readonly number[]]>([
    ["none", [], []],
    ["empty ones", [0, 0], []],
    ["one smaller than a piece", [3], [3]],
    ["exactly a piece", [8], [8]],
    ["two pieces in one", [16], [8, 8]],
    ["many small ones", [3, 3, 3, 3], [8, 4]],
    ["one that crosses", [5, 10, 2], [8, 8, 1]],
  ])("%s", async (_, given, expected) => {
    for (const guess of [undefined, 0, 1, 8, 100]) expect(await sizes(parts(...given), 8, guess)).toEqual(expected);
  });

  test("each piece is a buffer of its own, though the source uses one again and again", async () => {
    const shared = new Uint8Array(6);
    const source = async function* () {
      for (let i = 1; i <= 4; i += 1) {
        shared.fill(i);
        yield shared;
      }
    };
    const pieces: Uint8Array[] = [];
    for await (const piece of cutInPieces(SourceReader.open(source()), 8)) pieces.push(piece);
    expect(pieces.map((piece) => [...piece])).toEqual([
      [1, 1, 1, 1, 1, 1, 2, 2],
      [2, 2, 2, 2, 3, 3, 3, 3],
      [3, 3, 4, 4, 4, 4, 4, 4],
    ]);
  });

  test("a small source takes little memory", async () => {
    for await (const piece of cutInPieces(SourceReader.open(given(new Uint8Array(10))), 512 * 1024)) {
      expect(piece.buffer.byteLength).toBe(10);
    }
  });
});
