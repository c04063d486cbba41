/** Things in a line, each at its place until it moves: first in, first out, at the same cost however long the line. */
export class Line<T extends object> {
  #places: { readonly item: T; readonly ticket: number }[] = [];
  #head = 0;
  readonly #tickets: WeakMap<T, number>;

  /** Lines that share their tickets never have the same thing twice: it leaves one when it enters another. */
  constructor(tickets: WeakMap<T, number>) {
    this.#tickets = tickets;
  }

  push(item: T): void {
    const ticket = (this.#tickets.get(item) ?? 0) + 1;
    this.#tickets.set(item, ticket);
    this.#places.push({ item, ticket });
  }

  /** Takes a thing out of the line that it is in. */
  leave(item: T): void {
    this.#tickets.set(item, (this.#tickets.get(item) ?? 0) + 1);
  }

  first(): T | undefined {
    while (this.#head < this.#places.length && !this.#isHere(this.#head)) this.#head += 1;
    if (this.#head > 32 && this.#head * 2 > this.#places.length) {
      this.#places = this.#places.slice(this.#head);
      this.#head = 0;
    }
    return this.#places[this.#head]?.item;
  }

  /** The first one that `accepts`; it is expected to be among the very first. */
  find(accepts: (item: T) => boolean): T | undefined {
    this.first();
    for (let at = this.#head; at < this.#places.length; at += 1) {
      const item = this.#places[at]?.item;
      if (item !== undefined && this.#isHere(at) && accepts(item)) return item;
    }
    return undefined;
  }

  #isHere(at: number): boolean {
    const place = this.#places[at];
    return place !== undefined && this.#tickets.get(place.item) === place.ticket;
  }
}
