/** Undoes the changes of a transaction: every change goes through here, and leaves behind how to take it back. */
export class Journal {
  readonly #undo: (() => void)[] = [];

  set<K, V>(map: Map<K, V>, key: K, value: V): void {
    const had = map.has(key);
    const old = map.get(key);
    this.#undo.push(() => {
      if (had && old !== undefined) map.set(key, old);
      else map.delete(key);
    });
    map.set(key, value);
  }

  /** A deleted entry that comes back stands last: only maps whose order does not matter may use it. */
  delete<K, V>(map: Map<K, V>, key: K): void {
    const old = map.get(key);
    if (old === undefined) return;
    this.#undo.push(() => map.set(key, old));
    map.delete(key);
  }

  push<T>(list: T[], value: T): void {
    list.push(value);
    this.#undo.push(() => list.pop());
  }

  /** Calls `change`, and `revert` if the transaction rolls back. */
  apply(change: () => void, revert: () => void): void {
    change();
    this.#undo.push(revert);
  }

  rollback(): void {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) undo();
  }
}
