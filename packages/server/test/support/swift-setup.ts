import type { TestProject } from "vitest/node";
import { type SwiftAddress, SwiftService } from "./swift-service.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The object store of this run. */
    readonly swift: SwiftAddress;
  }
}

/** One object store for all tests of the project. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const service = await SwiftService.start();
  project.provide("swift", service.address);
  return () => service.stop();
}
