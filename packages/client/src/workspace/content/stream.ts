import type { FileReading } from "./read-file.ts";

/** What is read as a stream, that reads no further than its reader asks. */
export function streamOf(reading: FileReading): ReadableStream<Uint8Array<ArrayBufferLike>> {
  return new ReadableStream<Uint8Array<ArrayBufferLike>>(
    {
      async pull(controller) {
        const piece = await reading.next();
        if (piece !== undefined) controller.enqueue(piece);
        if (reading.isDone) controller.close();
      },
      cancel: (reason) => reading.close(reason),
    },
    { highWaterMark: 0 },
  );
}
