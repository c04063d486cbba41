/** The pieces as a stream that reads no further than its reader asks, and stops the source when it is cancelled. */
export function streamOf(
  pieces: AsyncGenerator<Uint8Array, void, undefined>,
): ReadableStream<Uint8Array<ArrayBufferLike>> {
  return new ReadableStream<Uint8Array<ArrayBufferLike>>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return();
      },
    },
    { highWaterMark: 0 },
  );
}
