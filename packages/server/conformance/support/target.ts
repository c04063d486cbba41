import assert from "node:assert/strict";
import { systemClock } from "@parsec/base";
import { SequesterSigningKey } from "@parsec/crypto";
import type { Command, Family } from "@parsec/protocol";
import { DateTime, parseAddress } from "@parsec/types";
import { Coverage, RpcClient, type Sender } from "./client.ts";
import { Controls } from "./controls.ts";
import { TestOrganization } from "./organization.ts";

let organizations = 0;

/** The server under test, as scenarios see it. */
export class Target {
  readonly url: string;
  readonly administrationToken: string;
  readonly coverage = new Coverage();
  readonly client: RpcClient;
  readonly #controls: Controls | undefined;

  private constructor(url: string, administrationToken: string, controls: Controls | undefined) {
    this.url = url;
    this.administrationToken = administrationToken;
    this.client = new RpcClient(url, this.coverage);
    this.#controls = controls;
  }

  static async connect(url: string, administrationToken: string): Promise<Target> {
    return new Target(url, administrationToken, await Controls.of(url));
  }

  get hasControls(): boolean {
    return this.#controls !== undefined;
  }

  /** For the scenarios that say that they need it. */
  get controls(): Controls {
    assert(this.#controls, "this server has no control routes");
    return this.#controls;
  }

  /** A request of the administration interface, with its JSON reply. */
  async administrate(method: string, path: string, body?: unknown): Promise<{ status: number; json: unknown }> {
    const response = await fetch(`${this.url}/administration${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.administrationToken}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, json: await response.json() };
  }

  /** A new organization that nobody has bootstrapped. */
  async newOrganization(
    settings: Readonly<Record<string, unknown>> = {},
    authorityKey: SequesterSigningKey | null = null,
  ): Promise<TestOrganization> {
    organizations += 1;
    const id = `Conformance${Date.now() % 1_000_000_000}-${organizations}`;
    const { status, json } = await this.administrate("POST", "/organizations", { organization_id: id, ...settings });
    assert.equal(status, 200, JSON.stringify(json));
    const { bootstrap_url: url } = json as { readonly bootstrap_url: string };
    return new TestOrganization(this.client, id, parseAddress("organization_bootstrap", url).token, authorityKey);
  }

  /** A new organization with its first user. */
  async organization(settings: Readonly<Record<string, unknown>> = {}): Promise<TestOrganization> {
    return await (await this.newOrganization(settings)).bootstrap();
  }

  async sequesteredOrganization(): Promise<TestOrganization> {
    return await (await this.newOrganization({}, await SequesterSigningKey.generate(2048))).bootstrap();
  }

  async updateOrganization({ id }: TestOrganization, changes: Readonly<Record<string, unknown>>): Promise<void> {
    const { status, json } = await this.administrate("PATCH", `/organizations/${id}`, changes);
    assert.equal(status, 200, JSON.stringify(json));
  }

  /** Sends a command of the families of the server as a whole. */
  async send<Name extends string, Request, R extends { readonly status: string }>(
    command: Command<Family, Name, Request, R>,
    fields: Omit<Request, "cmd">,
    sender: Sender = { kind: "nobody" },
    now: DateTime = DateTime.now(systemClock),
  ): Promise<R> {
    return await this.client.send(command, sender, fields, { now });
  }
}
