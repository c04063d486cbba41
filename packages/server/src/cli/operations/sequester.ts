import { readFileSync, writeFileSync } from "node:fs";
import { ParsecError, systemClock } from "@parsec/base";
import { ready, SequesterPublicKey, SequesterSigningKey } from "@parsec/crypto";
import { DateTime, type OrganizationId, SequesterServiceId, signSequesterCertificate } from "@parsec/types";
import { createService, listServices, revokeService } from "../../administration/sequester.ts";
import { type CertificateLabel, certificateFromPem, certificateToPem } from "../../operations/sequester-pem.ts";
import type { SequesterServiceRow } from "../../store/port/sequester.ts";
import type { Store } from "../../store/port/store.ts";
import { type Arguments, badOption } from "../arguments.ts";
import type { CliCommand } from "../command.ts";
import { type CliOption, databaseOptions, logOptions } from "../option.ts";
import type { Terminal } from "../terminal.ts";
import { organizationOf, organizationOption } from "./options.ts";
import { withDatabase } from "./stores.ts";

const serviceLabel = "PARSEC SEQUESTER SERVICE CERTIFICATE";
const revocationLabel = "PARSEC SEQUESTER SERVICE REVOCATION CERTIFICATE";

const outputOption = {
  name: "output",
  positional: true,
  value: "OUTPUT",
  help: "the file; by default named after service and date",
} as const satisfies CliOption;

const authorityKeyOption = {
  name: "authority-private-key",
  value: "FILE",
  help: "private key of the sequester authority, PKCS#8 in PEM; it need not be on the server",
} as const satisfies CliOption;

/** The five `sequester` commands (spec 08c §4). Those that make certificates need no database. */
export const sequesterCommands: readonly CliCommand[] = [
  {
    name: "sequester generate_service_certificate",
    summary: "a certificate for a new sequester service",
    usage: "parsec-server sequester generate_service_certificate [OPTIONS] [OUTPUT]: signs a certificate, offline.",
    options: [
      outputOption,
      { name: "service-label", value: "NAME", help: "what users see" },
      { name: "service-public-key", value: "FILE", help: "RSA public key of the service, in PEM" },
      authorityKeyOption,
      ...logOptions,
    ],
    examples: [
      "parsec-server sequester generate_service_certificate --service-label Archive --service-public-key service.pem --authority-private-key authority-key.pem",
    ],
    run: generateService,
  },
  {
    name: "sequester create_service",
    summary: "adds a sequester service to an organization",
    usage: "parsec-server sequester create_service [OPTIONS]: adds the service of a certificate.",
    options: [
      { name: "service-certificate", value: "FILE", help: "made by generate_service_certificate" },
      organizationOption,
      ...databaseOptions,
      ...logOptions,
    ],
    examples: [
      "parsec-server sequester create_service --service-certificate service-certificate.pem --organization Acme --db sqlite:./parsec.db",
    ],
    run: async ({ print }, args) => {
      const certificate = certificateOf(args, "service-certificate", serviceLabel);
      await changeServices(args, (store, organizationId) =>
        createService({ store }, organizationId, certificate, { type: "storage" }),
      );
      print("The service is part of the organization");
      return 0;
    },
  },
  {
    name: "sequester list_services",
    summary: "the sequester services of an organization",
    usage: "parsec-server sequester list_services [OPTIONS]: lists services, active ones first.",
    options: [organizationOption, ...databaseOptions, ...logOptions],
    examples: ["parsec-server sequester list_services --organization Acme --db sqlite:./parsec.db"],
    run: async ({ print }, args) => {
      const organizationId = organizationOf(args);
      const services = await withDatabase(args, (store) => listServices({ store }, organizationId));
      print(`Found ${services.length} sequester service(s)`);
      const isActive = ({ revocation }: SequesterServiceRow) => revocation === null;
      for (const service of services.filter(isActive)) printService(print, service);
      for (const service of services.filter((each) => !isActive(each))) printService(print, service);
      return 0;
    },
  },
  {
    name: "sequester generate_service_revocation_certificate",
    summary: "a certificate that revokes a sequester service",
    usage:
      "parsec-server sequester generate_service_revocation_certificate [OPTIONS] [OUTPUT]: signs a certificate, offline.",
    options: [
      outputOption,
      { name: "service-id", value: "ID", help: "as list_services shows it" },
      authorityKeyOption,
      ...logOptions,
    ],
    examples: [
      "parsec-server sequester generate_service_revocation_certificate --service-id 0123456789abcdef0123456789abcdef --authority-private-key authority-key.pem",
    ],
    run: generateRevocation,
  },
  {
    name: "sequester revoke_service",
    summary: "ends a sequester service of an organization",
    usage: "parsec-server sequester revoke_service [OPTIONS]: ends a service: what is written later is not for it.",
    options: [
      {
        name: "service-revocation-certificate",
        value: "FILE",
        help: "made by generate_service_revocation_certificate",
      },
      organizationOption,
      ...databaseOptions,
      ...logOptions,
    ],
    examples: [
      "parsec-server sequester revoke_service --service-revocation-certificate revocation.pem --organization Acme --db sqlite:./parsec.db",
    ],
    run: async ({ print }, args) => {
      const certificate = certificateOf(args, "service-revocation-certificate", revocationLabel);
      await changeServices(args, (store, organizationId) => revokeService({ store }, organizationId, certificate));
      print("The service is revoked");
      return 0;
    },
  },
];

async function generateService({ print }: Terminal, args: Arguments): Promise<number> {
  const label = args.required("service-label");
  await ready();
  const encryptionKeyDer = keyOf(args, "service-public-key", (pem) => SequesterPublicKey.fromPem(pem));
  const authorityKey = keyOf(args, "authority-private-key", (pem) => SequesterSigningKey.fromPem(pem));
  const serviceId = SequesterServiceId.generate();
  const timestamp = DateTime.now(systemClock);
  const signed = await signSequesterCertificate(authorityKey, {
    type: "sequester_service_certificate",
    timestamp,
    serviceId,
    serviceLabel: label,
    encryptionKeyDer,
  });
  const name = `sequester_service_certificate-${serviceId}-${DateTime.formatRfc3339(timestamp)}.pem`;
  writePem(args, name, certificateToPem(serviceLabel, signed), print);
  return 0;
}

async function generateRevocation({ print }: Terminal, args: Arguments): Promise<number> {
  const serviceId = SequesterServiceId.parse(args.required("service-id"));
  if (serviceId === undefined) throw badOption("service-id", "expects an id, 32 hex digits");
  await ready();
  const authorityKey = keyOf(args, "authority-private-key", (pem) => SequesterSigningKey.fromPem(pem));
  const timestamp = DateTime.now(systemClock);
  const type = "sequester_revoked_service_certificate" as const;
  const signed = await signSequesterCertificate(authorityKey, { type, timestamp, serviceId });
  const name = `sequester_service_revocation_certificate-${serviceId}-${DateTime.formatRfc3339(timestamp)}.pem`;
  writePem(args, name, certificateToPem(revocationLabel, signed), print);
  return 0;
}

async function changeServices(
  args: Arguments,
  change: (store: Store, organizationId: OrganizationId) => Promise<void>,
): Promise<void> {
  const organizationId = organizationOf(args);
  await ready();
  await withDatabase(args, (store) => change(store, organizationId));
}

function printService(
  print: Terminal["print"],
  { serviceId, label, createdOn, config, revocation }: SequesterServiceRow,
) {
  const kind = config.type === "webhook" ? `webhook ${config.webhookUrl}` : "storage";
  const end = revocation === null ? "active" : `revoked on ${DateTime.formatRfc3339(revocation.on)}`;
  print(`${serviceId} ${label}: ${kind}, created on ${DateTime.formatRfc3339(createdOn)}, ${end}`);
}

function certificateOf(args: Arguments, name: string, label: CertificateLabel): Uint8Array {
  const certificate = certificateFromPem(label, textOf(args, name));
  if (certificate === undefined) throw badOption(name, `expects a file of ${label} in PEM`);
  return certificate;
}

function keyOf<K>(args: Arguments, name: string, read: (pem: string) => K): K {
  const pem = textOf(args, name);
  try {
    return read(pem);
  } catch (error) {
    if (ParsecError.is(error)) throw badOption(name, "expects an RSA key in PEM");
    throw error;
  }
}

function textOf(args: Arguments, name: string): string {
  const path = args.required(name);
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw badOption(name, "names a file that cannot be read");
  }
}

/** A file that is there already is kept: it may be the only copy of a certificate. */
function writePem(args: Arguments, defaultName: string, pem: string, print: Terminal["print"]): void {
  const path = args.text("output") ?? defaultName;
  try {
    writeFileSync(path, pem, { flag: "wx" });
  } catch {
    throw badOption("output", "names a file that is there already, or that cannot be written");
  }
  print(`Certificate written to ${path}`);
}
