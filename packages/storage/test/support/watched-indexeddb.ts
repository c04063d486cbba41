/** Told before each request that writes; may throw, and the request is then not made. */
export type RequestWatch = (method: string) => void;

const methods = ["put", "add", "delete", "clear"] as const;

/** Watches every write to an object store of this page or worker. Gives the function that ends it. */
export function watchIndexedDb(watch: RequestWatch): () => void {
  const prototype = IDBObjectStore.prototype;
  const originals = methods.map((name) => [name, Reflect.get(prototype, name)] as const);
  for (const [name, original] of originals) {
    Reflect.set(prototype, name, function (this: IDBObjectStore, ...args: unknown[]): unknown {
      watch(name);
      return Reflect.apply(original, this, args);
    });
  }
  return () => {
    for (const [name, original] of originals) Reflect.set(prototype, name, original);
  };
}
