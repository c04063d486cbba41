import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "@parsec/server";
import type { TestProject } from "vitest/node";
import { startBrowserFaultServer } from "../../packages/connection/test/support/browser-fault-server.ts";
import { makeLeaf, makePki } from "../../packages/device/test/support/test-pki.ts";
import { startGreetingServer } from "./greeting-server.ts";

/** DER in base64; pages make no certificates. */
export interface BrowserPki {
  readonly root: string;
  readonly alice: { readonly certificate: string; readonly privateKey: string };
  readonly bob: { readonly certificate: string; readonly privateKey: string };
}

declare module "vitest" {
  interface ProvidedContext {
    /** A real server for the tests of pages: in memory, with spontaneous bootstrap. */
    readonly serverUrl: string;
    /** A server in testbed mode, with spontaneous bootstrap. */
    readonly testbedUrl: string;
    /** A server in testbed mode for organizations of dumps: no test resets it. */
    readonly dumpsUrl: string;
    /** A server that hurts its answers, see `browser-fault-server.ts`. */
    readonly faultServerUrl: string;
    /** Greets and claims in Node, see `greeting-server.ts`. */
    readonly greetingUrl: string;
    /** Two persons with certificates, `alice@example.com` and `bob@example.com`. */
    readonly pki: BrowserPki;
  }
}

let close = async (): Promise<void> => {};

/** Starts what pages need and cannot start: once, in Node, before all tests in Chromium. */
export async function setup(project: TestProject): Promise<void> {
  const server = await startServer({ dev: true, config: { spontaneousBootstrap: true } });
  const testbed = await startServer({ testbed: true, config: { spontaneousBootstrap: true } });
  const dumps = await startServer({ testbed: true });
  const faults = await startBrowserFaultServer();
  project.provide("serverUrl", server.url);
  project.provide("testbedUrl", testbed.url);
  project.provide("dumpsUrl", dumps.url);
  project.provide("faultServerUrl", faults.url);
  const greetings = await startGreetingServer(server);
  project.provide("greetingUrl", greetings.url);
  project.provide("pki", browserPki());
  close = async () => {
    await greetings.close();
    await Promise.all([server.close(), testbed.close(), dumps.close(), faults.close()]);
  };
}

export async function teardown(): Promise<void> {
  await close();
}

function browserPki(): BrowserPki {
  const folder = mkdtempSync(join(tmpdir(), "parsec-browser-pki-"));
  try {
    const { root, ...alice } = makePki(folder);
    const extensions = ["extendedKeyUsage=clientAuth", "subjectAltName=email:bob@example.com"];
    const bob = makeLeaf(folder, { name: "bob", subject: "/CN=Bob Builder", extensions });
    const text = (der: Uint8Array) => Buffer.from(der).toString("base64");
    const person = ({ certificate, privateKey }: typeof bob) => ({
      certificate: text(certificate),
      privateKey: text(privateKey),
    });
    return { root: text(root), alice: person(alice), bob: person(bob) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
