import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ready, SequesterPrivateKey, SequesterSigningKey } from "@parsec/crypto";
import type { VlobId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Target } from "../../conformance/index.ts";
import type { TestOrganization } from "../../conformance/support/organization.ts";
import { main } from "../../src/cli/main.ts";
import { startServer } from "../../src/index.ts";
import { loadSqlite } from "../../src/store/sql/sqlite/binding.ts";

const vectors = join(import.meta.dirname, "../../../../test/vectors");

let folder: string;
let db: string;
let blocks: string;
let org: TestOrganization;
let realmId: VlobId;
/** The organizations of the vectors, with their realm that was exported. */
const exported = [
  { name: "workspace_history", organization: "History", realm: "f0000000000000000000000000000008" },
  { name: "sequestered", organization: "Sequestered", realm: "f0000000000000000000000000000003" },
];

const at = (name: string) => join(folder, name);

async function run(...argv: string[]) {
  const [out, errors]: [string[], string[]] = [[], []];
  const code = await main({
    argv,
    env: {},
    print: (line) => out.push(line),
    printError: (line) => errors.push(line),
    stopped: new Promise(() => undefined),
  });
  return { code, out: out.join("\n"), errors: errors.join("\n") };
}

// One database for all: a server fills it, and has ended when the commands come.
beforeAll(async () => {
  await ready();
  folder = mkdtempSync(join(tmpdir(), "parsec-operations-"));
  [db, blocks] = [`sqlite:${at("parsec.db")}`, `file:${at("blocks")}`];
  await using server = await startServer({ testbed: true, db, blocks });
  const target = await Target.connect(server.url, server.administrationToken);
  org = await (await target.newOrganization({}, await SequesterSigningKey.generate(2048))).bootstrap();
  const bob = await org.addUser();
  realmId = await org.createRealm(bob);
  await org.revoke(bob);
  for (const each of exported) {
    const dump: unknown = JSON.parse(readFileSync(join(vectors, `organizations/${each.name}.json`), "utf8"));
    const body = JSON.stringify({ dump, organization_id: each.organization });
    const response = await fetch(`${server.url}/testbed/organizations`, { method: "POST", body });
    expect(response.status).toBe(200);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

type Rows = Readonly<Record<string, readonly unknown[]>>;

/** All that an export holds. */
async function contentOf(path: string): Promise<Rows> {
  const file = (await loadSqlite())(path);
  try {
    const tables = file.run("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", []).rows as {
      readonly name: string;
    }[];
    const rowsOf = (name: string) => file.run(`SELECT * FROM ${name} ORDER BY 1`, []).rows;
    return Object.fromEntries(tables.map(({ name }) => [name, rowsOf(name)]));
  } finally {
    file.close();
  }
}

describe("export_realm", () => {
  test.each(exported)("$name: is what the vectors keep for readers of exports", async (each) => {
    const path = at(`${each.name}.sqlite`);
    const moment = "2020-01-01T00:00:00Z";
    const realm = ["--organization", each.organization, "--realm", each.realm, "--snapshot-timestamp", moment];
    const { code, out, errors } = await run("export_realm", path, ...realm, "--db", db, "--blockstore", blocks);
    expect([code, errors]).toEqual([0, ""]);
    expect(out).toMatch(/^certificates: [\s\S]*\nExported to /);
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(await contentOf(path)).toEqual(await contentOf(join(vectors, `realm-exports/${each.name}.sqlite`)));
  });

  test("names the file after the realm and the moment", async () => {
    const moment = new Date(Date.now() - 321_000).toISOString().replace(/\.\d+/, "");
    const realm = ["--organization", "History", "--realm", exported[0]?.realm ?? "", "--snapshot-timestamp", moment];
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect((await run("export_realm", ...realm, "--db", db, "--blockstore", blocks)).code).toBe(0);
    } finally {
      process.chdir(before);
    }
    const name = `parsec-export-History-realm-${exported[0]?.realm}-${moment.replace(/[-:]/g, "")}.sqlite`;
    expect(readdirSync(folder)).toContain(name);
  });

  test.each([
    [["--organization", "History"], /--realm is needed/],
    [["--organization", "a b", "--realm", "0".repeat(32)], /--organization expects/],
    [["--organization", "History", "--realm", "x"], /--realm expects an id/],
    [["--organization", "History", "--realm", "0".repeat(32), "--snapshot-timestamp", "now"], /expects a date such as/],
    [["a", "b", "--organization", "History"], /Unexpected argument 'b'/],
  ])("%j is refused", async (argv, message) => {
    const { code, errors } = await run("export_realm", ...argv, "--db", db, "--blockstore", blocks);
    expect(code).toBe(2);
    expect(errors).toMatch(message);
  });

  test("needs a database that is there, and its blocks", async () => {
    const realm = ["--organization", "History", "--realm", "0".repeat(32)];
    const nowhere = await run("export_realm", ...realm, "--db", `sqlite:${at("nowhere.db")}`, "--blockstore", blocks);
    expect(nowhere).toMatchObject({ code: 2, errors: expect.stringMatching(/--db names a file that does not exist/) });
    expect(existsSync(at("nowhere.db"))).toBe(false);
    expect(await run("export_realm", ...realm, "--db", db)).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/--blockstore is needed/),
    });
    const unknown = await run("export_realm", at("x.sqlite"), ...realm, "--db", db, "--blockstore", blocks);
    expect(unknown).toMatchObject({ code: 1, errors: "The organization has no realm of that id" });
  });
});

test("human_accesses prints who had which role where", async () => {
  const { code, out } = await run("human_accesses", "--organization", org.id, "--db", db, "--filter", "revoked-nobody");
  expect([code, out]).toEqual([0, "Found 0 result(s)"]);
  const all = await run("human_accesses", "--organization", org.id, "--db", db);
  expect(all.out).toMatch(/^Found 2 result\(s\)\n\nHuman .+ <.+>\n {2}User [0-9a-f]{32} \(ADMIN\)\n/);
  expect(all.out).toMatch(/ {2}User [0-9a-f]{32} \(REVOKED\)\n {4}\S+Z: STANDARD\n {4}\S+Z: REVOKED\n/);
  expect(all.out).toMatch(new RegExp(` {4}Realm ${realmId}\n {6}\\S+Z: OWNER$`));
});

test("list_deletable_realms and delete_realm", async () => {
  const about = ["--organization", org.id, "--db", db];
  expect((await run("list_deletable_realms", ...about)).out).toMatch(
    new RegExp(`^Found 1 result\\(s\\)\n${realmId}: orphaned since \\S+Z$`),
  );
  const json: unknown = JSON.parse((await run("list_deletable_realms", ...about, "--json")).out);
  expect(json).toEqual([{ realm_id: realmId, kind: "orphaned", orphaned_since: expect.stringMatching(/Z$/) }]);
  const dump = ["--realm", realmId, "--dump-realm-blocks", at("blocks.txt")];
  expect(await run("delete_realm", ...about, "--realm", realmId)).toMatchObject({
    code: 2,
    errors: expect.stringMatching(/--dump-realm-blocks is needed/),
  });
  const dry = await run("delete_realm", ...about, ...dump, "--dry-run");
  expect(dry).toMatchObject({ code: 0, out: `0 block(s) listed in ${at("blocks.txt")}` });
  const done = await run("delete_realm", ...about, ...dump, "--blockstore", blocks);
  expect(done).toMatchObject({ code: 0, out: expect.stringMatching(/The realm is deleted$/) });
  expect((await run("list_deletable_realms", ...about)).out).toBe("Found 0 result(s)");
  const again = await run("delete_realm", ...about, ...dump);
  expect(again).toMatchObject({ code: 1, errors: "The realm was deleted before" });
});

test("the life of a sequester service", async () => {
  const about = ["--organization", org.id, "--db", db];
  writeFileSync(at("authority.pem"), org.authorityKey?.toPem() ?? "");
  writeFileSync(at("service.pem"), (await SequesterPrivateKey.generate(2048)).publicKey.toPem());
  const authority = ["--authority-private-key", at("authority.pem")];
  const label = ["--service-label", "Archive", "--service-public-key", at("service.pem")];
  const certificate = at("certificate.pem");
  const made = await run("sequester", "generate_service_certificate", certificate, ...label, ...authority);
  expect(made).toMatchObject({ code: 0, out: `Certificate written to ${certificate}`, errors: "" });
  expect(readFileSync(certificate, "utf8")).toMatch(
    /^-----BEGIN PARSEC SEQUESTER SERVICE CERTIFICATE-----\n([\w+/]{64}\n)+[\w+/]{1,64}={0,2}\n-----END PARSEC SEQUESTER SERVICE CERTIFICATE-----\n$/,
  );
  // What may be the only copy of a certificate is not written over.
  const twice = await run("sequester", "generate_service_certificate", certificate, ...label, ...authority);
  expect(twice).toMatchObject({ code: 2, errors: expect.stringMatching(/is there already/) });

  expect((await run("sequester", "list_services", ...about)).out).toBe("Found 0 sequester service(s)");
  const create = () => run("sequester", "create_service", "--service-certificate", certificate, ...about);
  expect(await create()).toMatchObject({ code: 0, errors: "" });
  expect(await create()).toMatchObject({ code: 1, errors: "Require greater timestamp" });
  const { out } = await run("sequester", "list_services", ...about);
  const [, serviceId = ""] =
    /^Found 1 sequester service\(s\)\n([0-9a-f]{32}) Archive: storage, .*, active$/.exec(out) ?? [];
  expect(serviceId).not.toBe("");

  const revocation = at("revocation.pem");
  const which = ["--service-id", serviceId];
  await run("sequester", "generate_service_revocation_certificate", revocation, ...which, ...authority);
  const wrong = await run("sequester", "create_service", "--service-certificate", revocation, ...about);
  expect(wrong).toMatchObject({
    code: 2,
    errors: expect.stringMatching(/PARSEC SEQUESTER SERVICE CERTIFICATE in PEM/),
  });
  const revoke = () => run("sequester", "revoke_service", "--service-revocation-certificate", revocation, ...about);
  expect(await revoke()).toMatchObject({ code: 0, errors: "" });
  expect((await revoke()).code).toBe(1);
  expect((await run("sequester", "list_services", ...about)).out).toMatch(/, revoked on \S+Z$/);
  expect(await run("sequester", "list_services", "--organization", "History", "--db", db)).toMatchObject({
    code: 1,
    errors: "Sequester disabled",
  });
});

test("render_email shows each mail", async () => {
  expect((await run("render_email", "account_creation")).out).toMatch(
    /^Subject: Parsec Account: .*\n[\s\S]*\nABC234\n/,
  );
  expect((await run("render_email", "totp_reset", "--html", "--email-language", "fr")).out).toMatch(/<html lang="fr">/);
  expect(await run("render_email", "letter")).toMatchObject({
    code: 2,
    errors: expect.stringMatching(/expects user_invitation, device_invitation, /),
  });
});

test("a database in use by a server is left alone, which the message says", async () => {
  await using _server = await startServer({ dev: true, db, blocks });
  const { code, errors } = await run("human_accesses", "--organization", "History", "--db", db);
  expect(code).toBe(1);
  expect(errors).toMatch(/in use|another/i);
});
