import assert from "node:assert/strict";
import { interpretEvent, vlobCreate, vlobPollChanges } from "@parsec/protocol";
import type { VlobId } from "@parsec/types";
import type { Actor } from "../../conformance/support/actor.ts";
import { RpcClient } from "../../conformance/support/client.ts";
import { EventListener } from "../../conformance/support/event-listener.ts";
import { TestOrganization } from "../../conformance/support/organization.ts";
import { Target } from "../../conformance/support/target.ts";

/** Milliseconds: far above what any event needs. */
const patience = 120_000;

/** Events that nobody who listens is ever behind: what a server keeps for a client that is slow. */
const lag = 60;

/** One organization with one realm, seen through each of several servers that share a database. */
export class Load {
  readonly #views: readonly TestOrganization[];
  readonly realmId: VlobId;
  /** What some server has said `ok` to. */
  readonly acknowledged = new Set<VlobId>();

  readonly #waiting = new Set<() => void>();
  /** Why servers have not answered writes. */
  readonly failures: unknown[] = [];

  private constructor(views: readonly TestOrganization[], realmId: VlobId) {
    this.#views = views;
    this.realmId = realmId;
  }

  static async prepare(urls: readonly string[]): Promise<Load> {
    const target = await Target.connect(urls[0] ?? "", "s3cr3t");
    const org = await target.organization();
    const realmId = await org.createRealm(org.alice);
    const views = urls.map((url) => {
      const view = new TestOrganization(new RpcClient(url, target.coverage), org.id, null);
      return Object.assign(view, { alice: org.alice });
    });
    return new Load(views, realmId);
  }

  /** Resolves once so many writes were acknowledged. */
  async enough(count: number): Promise<void> {
    await this.#until(() => this.acknowledged.size >= count);
  }

  /** Resolves once the condition holds, which it does after something was written or heard. */
  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #changed(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  view(index: number): TestOrganization {
    const view = this.#views[index % this.#views.length];
    assert(view !== undefined);
    return view;
  }

  async addDevice(): Promise<Actor> {
    const view = this.view(0);
    return await view.addDevice(view.alice);
  }

  /**
   * One write through a server: true when it said `ok`. A server that is not there, or cannot do it, is no answer: the
   * write may have been done or not.
   */
  async write(index: number): Promise<boolean> {
    return await this.#send(index, this.#fieldsOf(index), ["ok"]);
  }

  #fieldsOf(index: number) {
    return this.view(index).vlobFields(this.realmId, { blob: new Uint8Array(256).fill(index) });
  }

  async #send(
    index: number,
    fields: ReturnType<TestOrganization["vlobFields"]>,
    statuses: readonly string[],
  ): Promise<boolean> {
    const view = this.view(index);
    try {
      const { status } = await view.send(view.alice, vlobCreate, fields);
      assert(statuses.includes(status), status);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      this.failures.push(error);
      return false;
    }
    this.acknowledged.add(fields.vlobId);
    this.#changed();
    return true;
  }

  /** `count` writes by `writers` at once, spread over the servers, not too fast for those who hear of them. */
  async writeAll(count: number, writers: number, heard: () => number = () => count): Promise<void> {
    let next = 0;
    await Promise.all(
      Array.from({ length: writers }, async () => {
        while (next < count) {
          const index = next++;
          await this.#until(() => index - heard() <= lag);
          const fields = this.#fieldsOf(index);
          // A connection that is about to be closed gives no answer: the same write again, which may have been done.
          let tries = 0;
          while (!(await this.#send(index, fields, tries === 0 ? ["ok"] : ["ok", "vlob_already_exists"]))) {
            tries += 1;
            if (tries === 20) throw new Error("A write got no answer", { cause: this.failures.at(-1) });
          }
        }
      }),
    );
  }

  /** The vlobs of the realm in the order of their checkpoints, and the last checkpoint. */
  async written(server = 0): Promise<{ readonly order: readonly VlobId[]; readonly current: number }> {
    const view = this.view(server);
    const reply = await view.send(view.alice, vlobPollChanges, { realmId: this.realmId, lastCheckpoint: 0 });
    assert(reply.status === "ok");
    return { order: reply.changes.map(([vlobId]) => vlobId), current: reply.currentCheckpoint };
  }

  /**
   * Looks at what is written until told to stop: whatever was acknowledged before is there, and nothing is half there. How
   * often a server has answered.
   */
  async watch(isDone: () => boolean): Promise<number> {
    let answers = 0;
    for (let server = 0; !isDone(); server += 1) {
      const before = [...this.acknowledged];
      const written = await this.written(server).catch((error: unknown) => {
        if (error instanceof assert.AssertionError) throw error;
        return undefined;
      });
      if (written === undefined) continue;
      answers += 1;
      const order = new Set(written.order);
      assert.equal(written.current, order.size, "a checkpoint without its vlob");
      assert.deepEqual(
        before.filter((vlobId) => !order.has(vlobId)),
        [],
        "acknowledged, and not there",
      );
    }
    return answers;
  }

  /** Hears of `count` vlobs as a client does: a stream that ends is opened again after the last event. */
  async hear(actor: Actor, server: number, count: number, opened: () => void, vlobs: VlobId[] = []): Promise<Heard> {
    let [lastEventId, streams, missed]: [string | undefined, number, number] = [undefined, 0, 0];
    while (vlobs.length < count) {
      const view = this.view(server + streams);
      const listener = await EventListener.open(view, actor, {
        patience,
        ...(lastEventId === undefined ? {} : { lastEventId }),
      });
      streams += 1;
      for (let frame = await listener.frame(); frame !== undefined; frame = await listener.frame()) {
        const told = interpretEvent({ data: frame.data, ...(frame.event === undefined ? {} : { event: frame.event }) });
        if (told.kind === "missed_events") missed += 1;
        if (told.kind !== "reply" || told.reply.status !== "ok") continue;
        if (told.reply.event === "ORGANIZATION_CONFIG") opened();
        if (frame.id !== undefined) lastEventId = frame.id;
        if (told.reply.event === "VLOB") vlobs.push(told.reply.vlobId);
        this.#changed();
        if (vlobs.length === count) break;
      }
      listener.close();
    }
    return { vlobs, missed };
  }

  /** Everybody hears everything: `listeners` of them, while `writers` write `count` vlobs. */
  async run(
    count: number,
    options: { readonly writers: number; readonly listeners: number },
  ): Promise<readonly Heard[]> {
    const actors: Actor[] = [];
    for (let index = 0; index < options.listeners; index += 1) actors.push(await this.addDevice());
    const opening: Promise<void>[] = [];
    const lists = actors.map((): VlobId[] => []);
    const hearing = actors.map((actor, index) => {
      let opened: () => void = () => undefined;
      opening.push(
        new Promise((resolve) => {
          opened = resolve;
        }),
      );
      return this.hear(actor, index, count, () => opened(), lists[index]);
    });
    await Promise.all(opening);
    await this.writeAll(count, options.writers, () => Math.min(...lists.map((list) => list.length)));
    return await Promise.all(hearing);
  }
}

/** What a listener was told, in order. */
export interface Heard {
  readonly vlobs: readonly VlobId[];
  /** How often it was told that it missed something. */
  readonly missed: number;
}
