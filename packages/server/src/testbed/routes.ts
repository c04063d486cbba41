import { EmailAddress, OrganizationId } from "@parsec/types";
import type { Method, Route } from "../http/app.ts";
import { readBody } from "../http/body.ts";
import {
  JsonFieldError,
  JsonFields,
  jsonBool,
  jsonInteger,
  jsonList,
  jsonNullable,
  jsonText,
} from "../http/json-fields.ts";
import type { HttpContext } from "../http/request.ts";
import { jsonResponse } from "../http/response.ts";
import { readConfig } from "./config.ts";
import { dumpOrganization } from "./dump/dump.ts";
import { TestbedError } from "./error.ts";
import { readFaults } from "./fault-request.ts";
import { readRule } from "./hostile/rule-request.ts";
import { dumpFormat, parseDump } from "./load/dump-document.ts";
import { OperationError } from "./operation-error.ts";
import {
  closeEnvironment,
  countEnvironments,
  createEnvironment,
  decryptWithCard,
  findService,
  insertCards,
  readCards,
  signWithCard,
} from "./scws/controls.ts";
import type { Control, Testbed } from "./testbed.ts";

/** Bytes. A dump may hold many blocks (spec 13 §7). */
const bodyLimit = 256 * 1024 * 1024;

/** The control routes of spec 13 §7, and ours. */
export function controlRoutes(testbed: Testbed): readonly Route[] {
  const route = (path: string, controls: { readonly [M in Method]?: Control }): Route => ({
    path: `/testbed${path}`,
    methods: Object.fromEntries(
      Object.entries(controls).map(([method, control]) => [method, (_server, c) => answer(testbed, control, c)]),
    ),
  });
  return [
    route("/organizations", { POST: loadOrganization }),
    route("/organizations/:organizationId", { DELETE: removeOrganization }),
    route("/organizations/:organizationId/operations", { POST: extendOrganization }),
    route("/organizations/:organizationId/dump", { GET: dumpControl }),
    route("/mailbox/:email", { GET: readMailbox }),
    route("/clock", { PUT: setClock }),
    route("/ballpark", { PUT: setBallpark }),
    route("/faults", { POST: setFaults }),
    route("/reset", { POST: reset }),
    route("/config", { PUT: setConfig }),
    route("/hostile", { POST: addHostileRule, DELETE: clearHostileRules }),
    route("/mock/scws", { PUT: insertCards, GET: countEnvironments }),
    route("/mock/scws/find_service", { POST: findService }),
    route("/mock/scws/environments", { POST: createEnvironment }),
    route("/mock/scws/environments/:environment", { GET: readCards, DELETE: closeEnvironment }),
    route("/mock/scws/environments/:environment/sign", { POST: signWithCard }),
    route("/mock/scws/environments/:environment/decrypt", { POST: decryptWithCard }),
  ];
}

async function answer(testbed: Testbed, control: Control, c: HttpContext): Promise<Response> {
  try {
    return jsonResponse(200, await control(testbed, await bodyFields(c), c));
  } catch (error) {
    if (error instanceof TestbedError) {
      const status = error.reason === "organization_not_found" ? 404 : 400;
      return jsonResponse(status, { error: error.reason, detail: error.message });
    }
    if (error instanceof OperationError) {
      return jsonResponse(400, { error: "bad_operation", detail: error.message, index: error.index });
    }
    if (error instanceof JsonFieldError) return jsonResponse(400, { error: "bad_request", detail: error.message });
    throw error;
  }
}

async function bodyFields(c: HttpContext): Promise<JsonFields> {
  if (c.req.method === "GET" || c.req.method === "DELETE") return new JsonFields({});
  const body = await readBody(c.env.incoming, bodyLimit);
  return body.length === 0 ? new JsonFields({}) : JsonFields.parse(new TextDecoder().decode(body));
}

const loadOrganization: Control = async (testbed, fields) => {
  const idText = fields.optional("organization_id", jsonNullable(jsonText)) ?? undefined;
  const dump = fields.required("dump", (value) => new JsonFields(value));
  const wantedId = idText === undefined ? undefined : parseOrganizationId(idText, "bad_organization_id");
  return { organization_id: await testbed.load(parseDump(dump), wantedId) };
};

const extendOrganization: Control = async (testbed, fields, c) => {
  const organizationId = organizationIdOf(c);
  return { applied: await testbed.extend(organizationId, fields.required("operations", jsonList)) };
};

const removeOrganization: Control = async (testbed, _fields, c) => {
  await testbed.remove(organizationIdOf(c));
  return {};
};

const dumpControl: Control = async ({ parts }, _fields, c) => {
  const dump = await dumpOrganization(parts.store, parts.blockStore, organizationIdOf(c));
  return { format: dumpFormat, ...dump };
};

const readMailbox: Control = async ({ parts }, _fields, c) => {
  if (parts.mailbox === undefined) throw new TestbedError("mailbox_not_available", "Mails are not kept in memory");
  return parts.mailbox.received(emailOf(c)).map((mail) => ({
    sender: mail.sender,
    recipient: mail.recipient,
    reply_to: mail.replyTo === null ? null : `${mail.replyTo.label} <${mail.replyTo.email}>`,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    sent_at_us: mail.sentAt,
  }));
};

const setClock: Control = async ({ parts }, fields) => {
  parts.controls.clock.freeze(fields.required("now_us", jsonNullable(jsonInteger)));
  return { now_us: parts.server.now() };
};

const setBallpark: Control = async ({ parts }, fields) => {
  parts.controls.checkBallpark = fields.required("enabled", jsonBool);
  return { enabled: parts.controls.checkBallpark };
};

const setFaults: Control = async ({ parts }, fields) => {
  const { faults, count } = readFaults(fields);
  for (const fault of faults) parts.controls.faults.set(fault, count);
  return {};
};

const reset: Control = async (testbed) => {
  await testbed.reset();
  return {};
};

const setConfig: Control = async ({ parts }, fields) => {
  parts.controls.config = { ...parts.controls.config, ...readConfig(fields, parts.server.config) };
  return {};
};

/** Ours, beyond spec 13: the hostile mode. */
const addHostileRule: Control = async ({ parts }, fields) => {
  parts.hostile.add(readRule(fields));
  return {};
};

const clearHostileRules: Control = async ({ parts }) => {
  parts.hostile.clear();
  return {};
};

function organizationIdOf(c: HttpContext): OrganizationId {
  return parseOrganizationId(c.req.param("organizationId") ?? "", "organization_not_found");
}

function parseOrganizationId(text: string, reason: "bad_organization_id" | "organization_not_found"): OrganizationId {
  try {
    return OrganizationId.parse(text);
  } catch {
    throw new TestbedError(reason, "Not an organization id");
  }
}

function emailOf(c: HttpContext): EmailAddress {
  try {
    return EmailAddress.parse(c.req.param("email") ?? "");
  } catch {
    throw new TestbedError("bad_email", "Not an e-mail address");
  }
}
