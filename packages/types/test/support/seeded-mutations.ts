/** A source of numbers that gives the same ones for the same seed. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed === 0 ? 1 : seed | 0;
  }

  /** An integer of 0..limit−1 (xorshift). */
  below(limit: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) % limit;
  }
}

type Mutation = (bytes: Uint8Array, random: SeededRandom) => Uint8Array;

const flipBit: Mutation = (bytes, random) => {
  const changed = Uint8Array.from(bytes);
  const at = random.below(Math.max(1, bytes.length));
  changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
  return changed;
};

const replaceByte: Mutation = (bytes, random) => {
  const changed = Uint8Array.from(bytes);
  changed[random.below(Math.max(1, bytes.length))] = random.below(256);
  return changed;
};

const truncate: Mutation = (bytes, random) => bytes.slice(0, random.below(Math.max(1, bytes.length)));

/** Cuts a piece out, or repeats one: a frame, an array or a map gets too long or too short. */
const movePiece: Mutation = (bytes, random) => {
  const from = random.below(Math.max(1, bytes.length));
  const to = from + random.below(bytes.length - from + 1);
  const piece = random.below(2) === 0 ? [] : [...bytes.subarray(from, to), ...bytes.subarray(from, to)];
  return Uint8Array.from([...bytes.subarray(0, from), ...piece, ...bytes.subarray(to)]);
};

/** Heads of msgpack values that announce a large length: strings, bytes, arrays, maps, extensions. */
const longHeads = [0xdb, 0xc6, 0xdd, 0xdf, 0xc9, 0xda, 0xc5, 0xdc, 0xde, 0xc8, 0xd9, 0xc4, 0xc7];

const inflateLength: Mutation = (bytes, random) => {
  const changed = Uint8Array.from(bytes);
  const at = random.below(Math.max(1, bytes.length));
  const head = [longHeads[random.below(longHeads.length)] ?? 0xdb, 0xff, random.below(256), random.below(256), 0xff];
  changed.set(head.slice(0, Math.max(0, changed.length - at)), at);
  return changed;
};

const setToEdge: Mutation = (bytes, random) => {
  const changed = Uint8Array.from(bytes);
  const at = random.below(Math.max(1, bytes.length));
  changed.fill(random.below(2) === 0 ? 0 : 0xff, at, at + 1 + random.below(8));
  return changed;
};

const mutations: readonly Mutation[] = [flipBit, replaceByte, truncate, movePiece, inflateLength, setToEdge];

/** One to three changes at random. */
export function mutate(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  let changed = bytes;
  const count = 1 + random.below(3);
  for (let i = 0; i < count; i += 1) changed = (mutations[random.below(mutations.length)] ?? flipBit)(changed, random);
  return changed;
}
