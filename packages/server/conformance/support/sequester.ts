import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { toBase64 } from "@parsec/base";
import { SequesterPrivateKey } from "@parsec/crypto";
import { type DateTime, SequesterServiceId, signSequesterCertificate } from "@parsec/types";
import type { TestOrganization } from "./organization.ts";
import type { Target } from "./target.ts";

async function serviceCertificate(org: TestOrganization, serviceId: SequesterServiceId, timestamp: DateTime) {
  assert(org.authorityKey);
  return await signSequesterCertificate(org.authorityKey, {
    type: "sequester_service_certificate",
    timestamp,
    serviceId,
    serviceLabel: "archive",
    encryptionKeyDer: (await SequesterPrivateKey.generate(2048)).publicKey,
  });
}

/** Makes a sequester service, through the administration interface. */
export async function createService(target: Target, org: TestOrganization, config: object, timestamp = org.now()) {
  const serviceId = SequesterServiceId.generate();
  const certificate = await serviceCertificate(org, serviceId, timestamp);
  const body = { service_certificate: toBase64(certificate), config };
  const reply = await target.administrate("POST", `/organizations/${org.id}/sequester/services`, body);
  return { ...reply, serviceId, certificate };
}

/** Revokes a sequester service, through the administration interface. */
export async function revokeService(target: Target, org: TestOrganization, serviceId: SequesterServiceId) {
  assert(org.authorityKey);
  const type = "sequester_revoked_service_certificate" as const;
  const certificate = await signSequesterCertificate(org.authorityKey, { type, timestamp: org.now(), serviceId });
  const body = { revoked_service_certificate: toBase64(certificate) };
  return await target.administrate("POST", `/organizations/${org.id}/sequester/services/revoke`, body);
}

/** A webhook that answers with the status it is told, and remembers what it was asked. */
export interface TestWebhook {
  readonly url: string;
  readonly asked: readonly URL[];
  answer(status: number, body?: string): void;
  /** What happens between the question and the answer. */
  meanwhile(run: () => Promise<void>): void;
  close(): void;
}

export async function startWebhook(): Promise<TestWebhook> {
  let [status, body, run] = [200, "", async () => {}];
  const asked: URL[] = [];
  const server = createServer((request, response) => {
    asked.push(new URL(request.url ?? "/", "http://hook"));
    request.resume();
    void run().finally(() => response.writeHead(status).end(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    asked,
    answer: (newStatus, newBody = "") => {
      [status, body] = [newStatus, newBody];
    },
    meanwhile: (newRun) => {
      run = newRun;
    },
    close: () => server.close(),
  };
}
