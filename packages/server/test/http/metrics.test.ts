import { afterEach, describe, expect, test } from "vitest";
import type { RunningServer } from "../../src/index.ts";
import { Exposition } from "../../src/metrics/exposition.ts";
import { startTestServer } from "../support/start.ts";

describe("the text format", () => {
  test("counters, readings and labels that need escapes", () => {
    const exposition = new Exposition();
    const counter = exposition.counter("a_total", "What.", ["x", "y"]);
    counter.add(["1", 'a"\\\n']);
    counter.add(["1", 'a"\\\n'], 2);
    exposition.reading("gauge", "b", "Now.", () => 1.5);
    expect(exposition.text()).toBe(
      '# HELP a_total What.\n# TYPE a_total counter\na_total{x="1",y="a\\"\\\\\\n"} 3\n' +
        "# HELP b Now.\n# TYPE b gauge\nb 1.5\n",
    );
  });

  test("a histogram counts what is at most as large as each bound", () => {
    const exposition = new Exposition();
    const histogram = exposition.histogram("h", "How long.", [], [1, 2]);
    for (const value of [1, 1.5, 2, 9]) histogram.observe([], value);
    expect(exposition.text().split("\n").slice(2, -1)).toEqual([
      'h_bucket{le="1"} 1',
      'h_bucket{le="2"} 3',
      'h_bucket{le="+Inf"} 4',
      "h_sum 13.5",
      "h_count 4",
    ]);
  });
});

describe("of a server", () => {
  let server: RunningServer;
  afterEach(async () => await server.close());

  async function metrics(): Promise<string> {
    const response = await fetch(server.metricsUrl ?? "");
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    return await response.text();
  }

  test("are on a port of their own, and only there", async () => {
    server = await startTestServer({ dev: true, metrics: { port: 0 } });
    expect(new URL(server.metricsUrl ?? "").port).not.toBe(String(server.port));
    expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
    const base = new URL("/", server.metricsUrl);
    expect(await (await fetch(new URL("/ready", base))).json()).toMatchObject({ status: "ready" });
    expect((await fetch(new URL("/health", base))).status).toBe(200);
    expect((await fetch(new URL("/administration/stats", base))).status).toBe(404);
    expect((await fetch(new URL("/metrics", base), { method: "POST" })).status).toBe(405);
  });

  test("there are none unless asked for", async () => {
    server = await startTestServer({ dev: true });
    expect(server.metricsUrl).toBeUndefined();
  });

  test("count requests by what they asked, and name nobody", async () => {
    let ended: () => void = () => undefined;
    const hasEnded = new Promise<void>((resolve) => {
      ended = resolve;
    });
    let count = 0;
    const onRequest = () => {
      count += 1;
      if (count === 3) ended();
    };
    server = await startTestServer({ dev: true, metrics: { port: 0 }, onRequest });
    const headers = { Authorization: "Bearer s3cr3t" };
    for (let i = 0; i < 2; i++) await fetch(`${server.url}/administration/organizations/Secret`, { headers });
    await fetch(`${server.url}/wp-login.php`);
    await hasEnded;
    const text = await metrics();
    const command = "/administration/organizations/:organizationId";
    const labels = `family="administration",command="${command}"`;
    expect(text).toContain(`parsec_requests_total{method="GET",${labels},status="404",reply=""} 2\n`);
    expect(text).toContain(`parsec_request_duration_seconds_count{${labels}} 2\n`);
    expect(text).toMatch(/^parsec_event_streams 0$/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(text).not.toMatch(/Secret|wp-login/);
  });
});

test("a metrics port that is taken ends the start, and leaves nothing behind", async () => {
  const first = await startTestServer({ dev: true, metrics: { port: 0 } });
  const port = Number(new URL(first.metricsUrl ?? "").port);
  await expect(startTestServer({ dev: true, metrics: { port } })).rejects.toMatchObject({ code: "ADDRESS_IN_USE" });
  await first.close();
  await using again = await startTestServer({ dev: true, metrics: { port } });
  expect(again.metricsUrl).toBe(`http://127.0.0.1:${port}/metrics`);
});
