import { open, stat } from "node:fs/promises";

/** Bytes read from a file at once, and so held in memory for each client. */
const chunkSize = 64 * 1024;

/**
 * A response that gives a file piece by piece, as fast as its client reads; `undefined` when there is no such file. The
 * file is opened with the first piece: a response that nobody reads holds nothing.
 */
export async function fileResponse(
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response | undefined> {
  const size = await sizeOf(path);
  if (size === undefined) return undefined;
  return new Response(contentOf(path, size), { headers: { ...headers, "Content-Length": String(size) } });
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch {
    return undefined;
  }
}

/** Exactly `size` bytes, as announced: of a file that has grown since, its beginning; a shorter one is an error. */
function contentOf(path: string, size: number): ReadableStream<Uint8Array> {
  const pieces = piecesOf(path, size);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* piecesOf(path: string, size: number): AsyncGenerator<Uint8Array, undefined, undefined> {
  const file = await open(path);
  try {
    for (let position = 0; position < size; ) {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(Math.min(chunkSize, size - position)),
        0,
        null,
        position,
      );
      if (bytesRead === 0) throw new RangeError("The file is shorter than it was");
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
