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

/** `refused`: the MAC is wrong. `failed`: something that should not happen. */
export type WorkerReply =
  | { readonly status: "done"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly status: "refused" }
  | { readonly status: "no_memory" }
  | { readonly status: "failed"; readonly message: string };

/** What a worker says, unasked, when its script has been loaded. */
export interface WorkerStarted {
  readonly status: "started";
}

/** A worker as this package sees it: Node's and the web's differ. */
export interface CryptoWorker {
  post(request: WorkerRequest, transfer: ArrayBuffer[]): void;
  /** Called once, before the first `post`. `failed` also when the worker cannot start. */
  listen(listener: { reply: (reply: WorkerReply | WorkerStarted) => void; failed: (cause: unknown) => void }): void;
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
