import { VlobId } from "@parsec/types";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OutgoingQueue } from "../../../../src/workspace/sync/engine/outgoing-queue.ts";

const root = VlobId.generate();
const free = () => true;

function ids(count: number): VlobId[] {
  return Array.from({ length: count }, () => VlobId.generate());
}

/** Changed entries of one folder that is not in the queue, placed. */
function queueOf(entries: readonly VlobId[], now = 0): OutgoingQueue {
  const queue = new OutgoingQueue();
  for (const id of entries) queue.changed(id, now);
  for (const id of queue.takeUnplaced()) queue.place(id, root);
  return queue;
}

describe("what was moved", () => {
  /** `x` from one folder to another, all changed; taken one after the other. */
  function orderOf(...moves: readonly (readonly [id: VlobId, to: VlobId, from: VlobId])[]): VlobId[] {
    const queue = new OutgoingQueue();
    const entries = moves.map(([id]) => id);
    const folders = [...new Set(moves.flatMap(([, to, from]) => [from, to]))].filter((id) => !entries.includes(id));
    for (const id of [...folders, ...entries]) queue.changed(id, 0);
    for (const id of folders) queue.place(id, root);
    for (const [id, to, from] of moves) queue.place(id, to, from);
    queue.takeUnplaced();
    const order: VlobId[] = [];
    for (let id = queue.take(0, true, free); id !== undefined; id = queue.take(0, true, free)) {
      order.push(id);
      queue.finish(id);
    }
    expect(queue.size).toBe(0);
    return order;
  }

  test("goes up first, then the folder that has it now, then the one that had it", () => {
    const [a, b, x] = ids(3) as [VlobId, VlobId, VlobId];
    expect(orderOf([x, b, a])).toEqual([x, b, a]);
    expect(orderOf([x, a, b])).toEqual([x, a, b]);
  });

  test("what left a folder that moves into it, or changes places: somebody begins, and all go", () => {
    const [a, b, x, y] = ids(4) as [VlobId, VlobId, VlobId, VlobId];
    expect(orderOf([x, b, a], [y, a, b]).slice(0, 2).sort()).toEqual([x, y].sort());
    expect(orderOf([b, root, a], [a, b, root])).toHaveLength(3);
  });
});

describe("whose turn it is", () => {
  test("a second after the last change, in the order of these", () => {
    const [a, b] = [VlobId.generate(), VlobId.generate()];
    const queue = queueOf([a, b]);
    expect(queue.nextTurn()).toBe(1000);
    queue.changed(a, 500);
    expect(queue.take(999, false, free)).toBeUndefined();
    expect(queue.take(1000, false, free)).toBe(b);
    expect(queue.nextTurn()).toBe(1500);
    expect(queue.take(1499, false, free)).toBeUndefined();
    expect(queue.take(1500, false, free)).toBe(a);
    expect(queue.nextTurn()).toBe(Number.POSITIVE_INFINITY);
  });

  test("at the latest a minute after the first change", () => {
    const [id] = ids(1) as [VlobId];
    const queue = queueOf([id]);
    for (let now = 500; now <= 59_500; now += 500) {
      expect(queue.take(now, false, free), String(now)).toBeUndefined();
      queue.changed(id, now);
    }
    expect(queue.nextTurn()).toBe(60_000);
    expect(queue.take(60_000, false, free)).toBe(id);
  });

  test("at once when somebody waits, or when it was added", () => {
    const [a, b] = ids(2) as [VlobId, VlobId];
    const queue = queueOf([a]);
    queue.add(b, 0);
    expect(queue.take(0, true, free)).toBe(a);
    expect(queue.take(0, false, free)).toBe(b);
  });

  test("adding changes nothing for one that waits", () => {
    const [a] = ids(1) as [VlobId];
    const queue = queueOf([a]);
    queue.add(a, 0);
    expect(queue.take(0, false, free)).toBeUndefined();
    expect(queue.take(1000, false, free)).toBe(a);
    queue.add(a, 1000);
    queue.finish(a);
    expect(queue.size).toBe(0);
  });

  test("at once when the clock was set back meanwhile", () => {
    const [a] = ids(1) as [VlobId];
    const queue = queueOf([a], 1_000_000);
    expect(queue.take(0, false, free)).toBe(a);
  });

  test("those that are not free are passed over, and keep their place", () => {
    const [a, b, c] = ids(3) as [VlobId, VlobId, VlobId];
    const queue = queueOf([a, b, c]);
    expect(queue.take(1000, false, (id) => id !== a)).toBe(b);
    expect(queue.take(1000, false, free)).toBe(a);
    expect(queue.nextTurn()).toBe(Number.NEGATIVE_INFINITY);
    expect(queue.take(1000, false, free)).toBe(c);
  });
});

describe("what runs", () => {
  test("is done with, when it is finished", () => {
    const [a] = ids(1) as [VlobId];
    const queue = queueOf([a]);
    queue.take(1000, false, free);
    expect([queue.has(a), queue.size]).toEqual([true, 1]);
    queue.finish(a);
    expect([queue.has(a), queue.size]).toEqual([false, 0]);
    queue.finish(a, 5);
    expect(queue.size).toBe(0);
  });

  test("comes again a second after its last change when it changed meanwhile", () => {
    const [a] = ids(1) as [VlobId];
    const queue = queueOf([a]);
    queue.take(1000, false, free);
    queue.changed(a, 2000);
    queue.changed(a, 2500);
    expect(queue.take(100_000, true, free)).toBeUndefined();
    queue.finish(a);
    expect(queue.take(3499, false, free)).toBeUndefined();
    expect(queue.take(3500, false, free)).toBe(a);
    queue.finish(a);
    expect(queue.size).toBe(0);
  });

  test("comes again when told to", () => {
    const [a] = ids(1) as [VlobId];
    const queue = queueOf([a]);
    queue.take(1000, false, free);
    queue.finish(a, 4000);
    expect(queue.take(3999, false, free)).toBeUndefined();
    expect(queue.take(4000, false, free)).toBe(a);
  });

  test("cannot be dropped; what waits can, in whatever line", () => {
    const [a, b, folder, child] = ids(4) as [VlobId, VlobId, VlobId, VlobId];
    const queue = queueOf([a, b]);
    queue.take(1000, false, free);
    queue.drop(a);
    queue.drop(b);
    queue.drop(VlobId.generate());
    expect([queue.has(a), queue.has(b), queue.size]).toEqual([true, false, 1]);
    expect(queue.take(1000, false, free)).toBeUndefined();
    for (const id of [folder, child]) queue.changed(id, 0);
    queue.place(folder, root);
    queue.place(child, folder);
    expect(queue.take(1000, false, (id) => id !== child)).toBeUndefined();
    queue.drop(child);
    expect(queue.take(1000, false, free)).toBe(folder);
  });
});

describe("a folder goes after what is in it", () => {
  /** A folder with two files and a folder with one. */
  function tree() {
    const [folder, a, b, inner, deep] = ids(5) as [VlobId, VlobId, VlobId, VlobId, VlobId];
    const queue = new OutgoingQueue();
    for (const id of [root, folder, inner, a, b, deep]) queue.changed(id, 0);
    expect(queue.takeUnplaced()).toHaveLength(6);
    expect(queue.hasUnplaced).toBe(false);
    queue.place(root, root);
    queue.place(folder, root);
    queue.place(inner, folder);
    queue.place(a, folder);
    queue.place(b, folder);
    queue.place(deep, inner);
    return { queue, folder, a, b, inner, deep };
  }

  test("the deepest first, the root last", () => {
    const { queue, folder, a, b, inner, deep } = tree();
    const order: (VlobId | undefined)[] = [];
    for (let next = queue.take(1000, false, free); next !== undefined; next = queue.take(1000, false, free)) {
      order.push(next);
      queue.finish(next);
    }
    expect(order).toEqual([a, b, deep, inner, folder, root]);
    expect(queue.size).toBe(0);
  });

  test("not while one of them runs", () => {
    const { queue, folder, a, b, inner, deep } = tree();
    for (const id of [a, b, deep]) expect(queue.take(1000, false, free)).toBe(id);
    expect(queue.take(1000, false, free)).toBeUndefined();
    queue.finish(a);
    queue.finish(b);
    expect(queue.take(1000, false, free)).toBeUndefined();
    queue.finish(deep);
    expect(queue.take(1000, false, free)).toBe(inner);
    expect(queue.take(1000, false, free)).toBeUndefined();
    queue.finish(inner);
    expect(queue.take(1000, false, free)).toBe(folder);
  });

  test("nor while one is tried again", () => {
    const { queue, inner, deep, a, b } = tree();
    for (const id of [a, b, deep]) expect(queue.take(1000, false, free)).toBe(id);
    queue.finish(deep, 30_000);
    expect(queue.take(2000, false, free)).toBeUndefined();
    for (const id of [a, b]) queue.finish(id);
    // Nothing runs, and one of them has its turn later.
    expect(queue.take(2000, false, free)).toBeUndefined();
    expect(queue.take(30_000, false, free)).toBe(deep);
    queue.finish(deep);
    expect(queue.take(30_000, false, free)).toBe(inner);
  });

  test("but for a minute only", () => {
    const { queue, inner, a, b, deep } = tree();
    for (const id of [a, b, deep]) expect(queue.take(1000, false, free)).toBe(id);
    expect(queue.nextTurn()).toBe(60_000);
    expect(queue.take(59_999, true, free)).toBeUndefined();
    expect(queue.take(60_000, true, () => false)).toBeUndefined();
    const taken = new Set([0, 0, 0].map(() => queue.take(60_000, true, free)));
    expect(taken.has(inner)).toBe(true);
    expect(taken.size).toBe(3);
  });

  test("a child that moved is waited for where it is now", () => {
    const [from, to, child] = ids(3) as [VlobId, VlobId, VlobId];
    const queue = new OutgoingQueue();
    for (const id of [from, to, child]) queue.changed(id, 0);
    queue.place(from, root);
    queue.place(to, root);
    queue.place(child, from);
    queue.place(child, from);
    expect(queue.take(1000, false, (id) => id !== child)).toBe(to);
    queue.finish(to);
    queue.changed(to, 1000);
    expect(queue.takeUnplaced()).toContain(to);
    queue.place(to, root);
    queue.place(child, to);
    expect(queue.take(2000, false, (id) => id !== child)).toBe(from);
    expect(queue.take(2000, false, (id) => id !== child)).toBeUndefined();
    expect(queue.take(2000, false, free)).toBe(child);
    queue.finish(child);
    expect(queue.take(2000, false, free)).toBe(to);
  });

  test("folders in each other: somebody begins", () => {
    const [a, b] = ids(2) as [VlobId, VlobId];
    const queue = new OutgoingQueue();
    for (const id of [a, b]) queue.changed(id, 0);
    queue.place(a, b);
    queue.place(b, a);
    expect(queue.take(999, false, free)).toBeUndefined();
    expect(queue.take(1000, false, free)).toBe(a);
    expect(queue.take(1000, false, free)).toBeUndefined();
    queue.finish(a);
    expect(queue.take(1000, false, free)).toBe(b);
    queue.finish(b);
    expect(queue.size).toBe(0);
  });

  test("a place for one that is not in the queue is forgotten", () => {
    const queue = new OutgoingQueue();
    queue.place(VlobId.generate(), root);
    queue.changed(root, 0);
    queue.place(root, root);
    expect(queue.take(1000, false, free)).toBe(root);
  });
});

test("whatever happens: every entry comes, each once at a time, folders after their children", () => {
  const size = 12;
  const commands = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant("change" as const), id: fc.nat(size - 1), parent: fc.nat(size - 1) }),
      fc.record({ kind: fc.constant("take" as const), urgent: fc.boolean() }),
      fc.record({ kind: fc.constant("finish" as const), id: fc.nat(size - 1), again: fc.boolean() }),
      fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(2000) }),
    ),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(commands, (all) => {
      const entries = ids(size);
      const at = (index: number) => entries[index] ?? root;
      const queue = new OutgoingQueue();
      const waiting = new Set<VlobId>();
      const running = new Set<VlobId>();
      let now = 0;
      const take = (isUrgent: boolean) => {
        const id = queue.take(now, isUrgent, free);
        if (id === undefined) return false;
        expect(running.has(id)).toBe(false);
        expect(waiting.delete(id)).toBe(true);
        running.add(id);
        return true;
      };
      for (const command of all) {
        if (command.kind === "change") {
          queue.changed(at(command.id), now);
          waiting.add(at(command.id));
          for (const id of queue.takeUnplaced()) queue.place(id, at(command.parent));
        } else if (command.kind === "take") take(command.urgent);
        else if (command.kind === "wait") now += command.ms;
        else if (running.delete(at(command.id))) {
          queue.finish(at(command.id), command.again ? now : undefined);
          if (command.again) waiting.add(at(command.id));
        }
      }
      for (const id of running) queue.finish(id);
      running.clear();
      for (let left = 10 * size; queue.size > 0 && left > 0; left -= 1) {
        if (!take(true)) expect.unreachable("stuck");
        for (const id of running) queue.finish(id);
        running.clear();
      }
      expect([queue.size, waiting.size]).toEqual([0, 0]);
    }),
  );
});

test("300,000 entries cost no more each than 300", () => {
  const entries = Array.from({ length: 300_000 }, (_, index) => VlobId.parse(index.toString(16).padStart(32, "0")));
  const queue = new OutgoingQueue();
  for (const id of entries) if (id !== undefined) queue.changed(id, 0);
  for (const id of queue.takeUnplaced()) queue.place(id, root);
  let count = 0;
  for (let id = queue.take(1000, false, free); id !== undefined; id = queue.take(1000, false, free)) {
    queue.finish(id);
    count += 1;
  }
  expect([count, queue.size]).toEqual([300_000, 0]);
});
