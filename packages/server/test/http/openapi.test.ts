import { ready } from "@parsec/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import { EventHub } from "../../src/events/hub.ts";
import { serverRoutes } from "../../src/http/app.ts";
import type { RunningServer } from "../../src/index.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { startTestServer } from "../support/start.ts";

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
}

interface OperationObject {
  readonly requestBody?: { readonly content: Json };
  readonly responses: Readonly<Record<string, { readonly content: Json }>>;
}

interface Json {
  readonly "application/json": {
    readonly schema: { readonly properties: object; readonly required?: readonly string[] };
  };
}

let server: RunningServer;
let document: Document;
beforeAll(async () => {
  await ready();
  server = await startTestServer({ administrationToken: "secret" });
  document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document;
});
afterAll(() => server.close());

test("every route of the administration interface is described, and no other", () => {
  const hub = new EventHub(new MemoryStore(), () => 0);
  const routes = serverRoutes(hub)
    .filter(({ path }) => path.startsWith("/administration"))
    .flatMap(({ path, methods }) =>
      Object.keys(methods).map((method) => `${method} ${path.replace(":organizationId", "{organization_id}")}`),
    );
  hub.close();
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(routes.sort());
  expect(document.openapi).toBe("3.1.0");
});

test("it needs no token, and neither do the pages to read, which take nothing from elsewhere", async () => {
  for (const path of ["/docs", "/redoc"]) {
    const response = await fetch(server.url + path);
    const page = await response.text();
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    for (const described of Object.keys(document.paths)) expect(page).toContain(described);
    expect(page).toContain("bootstrap_url_as_http_redirection");
    expect(page).not.toMatch(/<script|src=|https?:\/\//);
  }
  for (const path of ["/docs", "/redoc", "/openapi.json"]) {
    expect((await fetch(server.url + path, { method: "POST" })).status).toBe(405);
  }
});

test("the replies described are those given", async () => {
  const target = await Target.connect(server.url, server.administrationToken);
  const org = await target.sequesteredOrganization();
  const reply = (method: string, path: string, status = 200) =>
    document.paths[path]?.[method]?.responses[status]?.content["application/json"].schema.properties ?? {};
  const prefix = "/administration/organizations/{organization_id}";
  const email = { user_email: org.alice.handle.email };
  for (const [method, path, body] of [
    ["GET", ""],
    ["GET", "/stats"],
    ["GET", "/users"],
    ["POST", "/users/freeze", { ...email, frozen: false }],
    ["POST", "/users/reset_totp", email],
    ["GET", "/sequester/services"],
  ] as const) {
    const { status, json } = await target.administrate(method, `/organizations/${org.id}${path}`, body);
    expect(status).toBe(200);
    expect(Object.keys(json as object), path).toEqual(Object.keys(reply(method.toLowerCase(), prefix + path)));
  }
  const created = await target.administrate("POST", "/organizations", { organization_id: "Another" });
  const described = Object.keys(reply("post", "/administration/organizations"));
  expect(Object.keys(created.json as object)).toEqual(described);
});

test("a body without a field that is said to be required is refused, one with these alone is understood", async () => {
  const target = await Target.connect(server.url, server.administrationToken);
  const org = await target.sequesteredOrganization();
  const values: Readonly<Record<string, unknown>> = {
    organization_id: "Third",
    frozen: true,
    service_certificate: "AAAA",
    revoked_service_certificate: "AAAA",
    service_id: "0123456789abcdef0123456789abcdef",
    config: { type: "storage" },
  };
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { requestBody }] of Object.entries(methods)) {
      const required = requestBody?.content["application/json"].schema.required ?? [];
      const send = async (names: readonly string[]) => {
        const body = Object.fromEntries(names.map((name) => [name, values[name]]));
        const url = path.replace("/administration", "").replace("{organization_id}", org.id);
        return (await target.administrate(method.toUpperCase(), url, body)).status;
      };
      for (const missing of required) {
        expect(await send(required.filter((name) => name !== missing)), `${method} ${path} ${missing}`).toBe(422);
      }
      if (required.length > 0) expect(await send(required), `${method} ${path}`).not.toBe(422);
    }
  }
});
