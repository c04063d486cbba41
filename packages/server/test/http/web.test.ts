import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { organizationInfo } from "@parsec/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import { EventListener } from "../../conformance/support/event-listener.ts";
import { expectStatus } from "../../conformance/support/organization.ts";
import { expectHttpStatus } from "../../conformance/support/scenario.ts";
import { TrustedProxies } from "../../src/http/trusted-proxies.ts";
import type { RunningServer } from "../../src/index.ts";
import { startTestServer } from "../support/start.ts";

const folder = mkdtempSync(join(tmpdir(), "parsec-web-"));
let server: RunningServer;

beforeAll(async () => {
  mkdirSync(join(folder, "app/assets"), { recursive: true });
  writeFileSync(join(folder, "secret.txt"), "secret");
  writeFileSync(join(folder, "app/index.html"), "<p>app</p>");
  writeFileSync(join(folder, "app/assets/main.js"), "plain");
  writeFileSync(join(folder, "app/assets/main.js.br"), "brotli");
  symlinkSync(join(folder, "secret.txt"), join(folder, "app/link.txt"));
  server = await startTestServer({ dev: true, config: { webAppDirectory: join(folder, "app") } });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

async function get(path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(server.url + path, { headers, redirect: "manual" });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe("a hosted web application", () => {
  test("is at /client/, and routes unknown paths itself", async () => {
    const root = await get("/");
    expect([root.status, root.headers.get("location")]).toEqual([301, "/client/"]);
    for (const path of ["/client/", "/client/some/page"]) {
      const page = await get(path);
      expect([page.status, page.text, page.headers.get("cache-control")]).toEqual([200, "<p>app</p>", null]);
    }
  });

  test("gives its assets for a year, never the fallback", async () => {
    const plain = await get("/client/assets/main.js", { "Accept-Encoding": "identity" });
    expect([plain.text, plain.headers.get("cache-control")]).toEqual(["plain", "max-age=31536000, public, immutable"]);
    const raw = await get("/client/assets/missing.js");
    expect(raw.status).toBe(404);
  });

  test("never gives a file from outside its folder", async () => {
    for (const path of ["/client/..%2fsecret.txt", "/client/link.txt", "/client/%2e%2e/secret.txt", "/client/a%00b"]) {
      expect((await get(path)).text, path).not.toContain("secret");
    }
  });

  test("is where redirections lead", async () => {
    const { headers } = await get("/redirect/Org?a=claim_user&p=x");
    const { host } = new URL(server.url);
    const target = `parsec3%3A//${encodeURIComponent(host)}/Org%3Fa%3Dclaim_user%26p%3Dx%26no_ssl%3Dtrue`;
    expect(headers.get("location")).toBe(`http://${host}/client/webRedirect?webRedirectUrl=${target}`);
  });
});

test("CORS: any origin in development, with what browsers may send and read", async () => {
  const preflight = await fetch(`${server.url}/anonymous_server`, {
    method: "OPTIONS",
    headers: {
      Origin: "https://app.example",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "api-version,content-type",
    },
  });
  expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  expect(preflight.headers.get("access-control-allow-headers")).toContain("content-type");
  expect(preflight.headers.get("access-control-max-age")).toBe("86400");
  const { headers } = await get("/", { Origin: "https://app.example" });
  expect(headers.get("access-control-expose-headers")).toBe("server,api-version,supported-api-versions");
  expect(headers.get("server")).toBe("parsec/3");
});

test("an organization for native clients refuses the others everywhere", async () => {
  const target = await Target.connect(server.url, server.administrationToken);
  const org = await target.organization();
  await target.updateOrganization(org, { allowed_client_agent: "NATIVE_ONLY" });
  const web = { "User-Agent": "Mozilla/5.0" };
  await expectHttpStatus(org.send(org.alice, organizationInfo, {}, { headers: web }), 464);
  await expectHttpStatus(EventListener.open(org, org.alice, { headers: web }), 464);
  expectStatus(await org.send(org.alice, organizationInfo, {}), "ok");
  const listener = await EventListener.open(org, org.alice);
  const { event } = await listener.next();
  expect(event).toMatchObject({ event: "ORGANIZATION_CONFIG", allowedClientAgent: "NATIVE_ONLY" });
  listener.close();
  const { json } = await target.administrate("GET", `/organizations/${org.id}`);
  expect(json).toMatchObject({ allowed_client_agent: "NATIVE_ONLY" });
});

test("forwarded addresses are believed from trusted proxies only", () => {
  const proxies = new TrustedProxies(["10.0.0.0/8", "::1"]);
  expect(["10.1.2.3", "11.0.0.1", "::1", "::2", ""].map((each) => proxies.trusts(each))).toEqual([
    true,
    false,
    true,
    false,
    false,
  ]);
  expect(new TrustedProxies(["*"]).trusts("anything")).toBe(true);
  expect(() => new TrustedProxies(["nonsense"])).toThrow(RangeError);
});

test("static files that do not exist", async () => {
  const { status, text } = await get("/static/nothing.js");
  expect([status, text]).toEqual([404, '{"detail":"Not Found"}']);
});
