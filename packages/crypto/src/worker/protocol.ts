/** What a worker is asked, one request at a time. Every array travels with its buffer, none is shared. */
export type WorkerRequest =
  | {
      readonly kind: "seal";
      readonly key: Uint8Array<ArrayBuffer>;
      readonly nonce: Uint8Array<ArrayBuffer>;
      readonly data: Uint8Array<ArrayBuffer>;
    }
  | { readonly kind: "open"; readonly key: Uint8Array<ArrayBuffer>; readonly data: Uint8Array<ArrayBuffer> }
  | {
      readonly kind: "argon2id";
      readonly password: Uint8Array<ArrayBuffer>;
      readonly salt: Uint8Array<ArrayBuffer>;
      readonly opslimit: number;
      readonly memlimitKb: number;
      readonly size: number;
    };

/** `refused`: libsodium said no (wrong MAC, parameters). `no_memory`: the data does not fit in its heap, right or wrong. */
export type WorkerReply =
  | { readonly status: "done"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly status: "refused" | "no_memory" };

/** A worker as this package sees it: Node's and the web's differ. */
export interface CryptoWorker {
  post(request: WorkerRequest, transfer: ArrayBuffer[]): void;
  /** Called once, before the first `post`. `failed` also when the worker cannot start. */
  listen(listener: { reply: (reply: WorkerReply) => void; failed: (cause: unknown) => void }): void;
  /** A busy worker keeps a Node process alive, an idle one does not. */
  setBusy(busy: boolean): void;
  terminate(): void;
}

export function buffersOf(request: WorkerRequest): ArrayBuffer[] {
  switch (request.kind) {
    case "seal":
      return [request.key.buffer, request.nonce.buffer, request.data.buffer];
    case "open":
      return [request.key.buffer, request.data.buffer];
    case "argon2id":
      return [request.password.buffer, request.salt.buffer];
  }
}
