import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createParsec,
  type EnrollmentIdentity,
  openBaoIdentity,
  type Parsec,
  type Session,
  x509Identity,
} from "@parsec/client";
import { createTransport } from "@parsec/connection";
import { keyring, memoryDeviceStore, memoryKeyring, softwareX509Key, type X509Key } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { onTestFinished } from "vitest";
import { makeLeaf, makePki, type TestPki } from "../../packages/device/test/support/test-pki.ts";
import { openBaoClientOf } from "./openbao-login.ts";
import { type Tamper, tamperingTransport } from "./tampering-transport.ts";

export interface Newcomer {
  readonly parsec: Parsec;
  readonly deviceStore: ReturnType<typeof memoryDeviceStore>;
  readonly tampers: Record<string, Tamper>;
}

export const newProtection = () => keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() });

/** A server, a PKI, and a new organization for each test with its administrator. */
export class EnrollmentWorld {
  readonly server: RunningServer;
  readonly transport = createTransport();
  readonly pki: TestPki;
  readonly bobKey: X509Key;
  readonly adminKey: X509Key;
  #organizations = 0;

  private constructor(parts: Pick<EnrollmentWorld, "server" | "pki" | "bobKey" | "adminKey">) {
    const { server, pki, bobKey, adminKey } = parts;
    this.server = server;
    this.pki = pki;
    this.bobKey = bobKey;
    this.adminKey = adminKey;
  }

  static async start(): Promise<EnrollmentWorld> {
    const folder = mkdtempSync(join(tmpdir(), "parsec-enrollment-"));
    const pki = makePki(folder);
    const adminKey = await softwareX509Key(pki.certificate, pki.privateKey);
    const bobKey = await leafKey(folder, "bob", "/CN=Bob Builder", "bob@example.com");
    return new EnrollmentWorld({ server: await startServer({ testbed: true }), pki, adminKey, bobKey });
  }

  async close(): Promise<void> {
    await this.transport.close();
    await this.server.close();
    rmSync(this.pki.folder, { recursive: true, force: true });
  }

  async newAdmin(): Promise<Session> {
    this.#organizations += 1;
    const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: memoryDriver(), sync: "manual" });
    const human = { email: "admin@example.com", label: "Admin" };
    const link = await this.server.createOrganization(`Enroll${this.#organizations}`);
    const admin = await parsec.bootstrap(link, { human, deviceLabel: "desk", protection: newProtection() });
    onTestFinished(async () => {
      await admin.close();
      await parsec.close();
    });
    return admin;
  }

  /** PKCS#8 DER of a certificate of the PKI. */
  privateKeyOf(name: string): Uint8Array {
    return new Uint8Array(readFileSync(join(this.pki.folder, `${name}.pkcs8`)));
  }

  certified(signingKey: X509Key): EnrollmentIdentity {
    return x509Identity({ signingKey, roots: [this.pki.root] });
  }

  /** By the address that single sign-on knows of whoever signs in with `name`. */
  async signedOn(name: string, label = "Somebody"): Promise<EnrollmentIdentity> {
    const client = await openBaoClientOf(this.server, this.transport, name);
    const [email] = await client.listEmails();
    if (email === undefined) throw new Error("no address");
    return openBaoIdentity({ client, human: { email, label } });
  }
}

/** A certificate of the PKI in that folder. */
export async function leafKey(
  folder: string,
  name: string,
  subject: string,
  email: string | undefined,
): Promise<X509Key> {
  const usages = ["keyUsage=critical,digitalSignature,keyEncipherment", "extendedKeyUsage=clientAuth"];
  const extensions = email === undefined ? usages : [...usages, `subjectAltName=email:${email}`];
  const { certificate, privateKey } = makeLeaf(folder, { name, subject, extensions });
  return softwareX509Key(certificate, privateKey);
}

export async function newcomer(deviceStore = memoryDeviceStore()): Promise<Newcomer> {
  const tampers: Record<string, Tamper> = {};
  const transport = tamperingTransport(tampers);
  const parsec = await createParsec({ deviceStore, storage: memoryDriver(), transport, sync: "manual" });
  onTestFinished(async () => {
    await parsec.close();
    await transport.close();
  });
  return { parsec, deviceStore, tampers };
}

export function submitTo(admin: Session, { parsec }: Newcomer, identity: EnrollmentIdentity, replace = false) {
  return parsec.enrollments.submit(admin.enrollments.links.link, { identity, deviceLabel: "tablet", replace });
}

export async function onlyRequestOf(admin: Session) {
  const [request, ...others] = await admin.enrollments.list();
  if (request === undefined || others.length > 0) throw new Error(`not one request: ${others.length}`);
  return request;
}

/** Another session of the administrator, through what the newcomer's transport does. */
export async function sessionBefore(admin: Session, { parsec }: Newcomer): Promise<Session> {
  const exported = await admin.exportRecoveryDevice("for the test");
  const session = await parsec.recover(exported.bytes, exported.passphrase, {
    deviceLabel: "second desk",
    protection: newProtection(),
  });
  onTestFinished(() => session.close());
  return session;
}
