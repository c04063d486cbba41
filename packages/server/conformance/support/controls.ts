import assert from "node:assert/strict";

export interface TestMail {
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** The control routes of a server in testbed mode (spec 13 §7). They concern the whole server. */
export class Controls {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** `undefined` when the server has no control routes. */
  static async of(url: string): Promise<Controls | undefined> {
    const controls = new Controls(url);
    const response = await fetch(`${url}/testbed/ballpark`, { method: "PUT", body: '{"enabled":true}' });
    await response.arrayBuffer();
    return response.ok ? controls : undefined;
  }

  /** Stops the clock `seconds` from now, or lets it run again. */
  async shiftClock(seconds: number | null): Promise<void> {
    await this.#put("/clock", { now_us: null });
    if (seconds !== null) await this.#put("/clock", { now_us: (Date.now() + seconds * 1000) * 1000 });
  }

  async configure(settings: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#put("/config", settings);
  }

  async fail(fault: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#send("POST", "/faults", fault);
  }

  async mails(recipient: string): Promise<readonly TestMail[]> {
    return (await this.#send("GET", `/mailbox/${encodeURIComponent(recipient)}`)) as readonly TestMail[];
  }

  /** The code in the last mail of a recipient: alone on its line. */
  async lastCode(recipient: string): Promise<string> {
    const code = /^([A-Z2-9]{6})$/m.exec((await this.mails(recipient)).at(-1)?.text ?? "")?.[1];
    assert(code, "no mail with a code");
    return code;
  }

  async extend(organizationId: string, operations: readonly unknown[]): Promise<void> {
    await this.#send("POST", `/organizations/${encodeURIComponent(organizationId)}/operations`, { operations });
  }

  async #put(path: string, body: unknown): Promise<void> {
    await this.#send("PUT", path, body);
  }

  async #send(method: string, path: string, body?: unknown): Promise<unknown> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${this.#url}/testbed${path}`, init);
    const json: unknown = await response.json();
    assert.equal(response.status, 200, JSON.stringify(json));
    return json;
  }
}
