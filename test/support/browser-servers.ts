import { startServer } from "@parsec/server";
import type { TestProject } from "vitest/node";
import { startBrowserFaultServer } from "../../packages/connection/test/support/browser-fault-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A real server for the tests of pages: in memory, with spontaneous bootstrap. */
    readonly serverUrl: string;
    /** A server that hurts its answers, see `browser-fault-server.ts`. */
    readonly faultServerUrl: string;
  }
}

let close = async (): Promise<void> => {};

/** Starts what pages need and cannot start: once, in Node, before all tests in Chromium. */
export async function setup(project: TestProject): Promise<void> {
  const server = await startServer({ dev: true, config: { spontaneousBootstrap: true } });
  const faults = await startBrowserFaultServer();
  project.provide("serverUrl", server.url);
  project.provide("faultServerUrl", faults.url);
  close = async () => {
    await Promise.all([server.close(), faults.close()]);
  };
}

export async function teardown(): Promise<void> {
  await close();
}
