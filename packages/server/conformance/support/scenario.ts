import assert from "node:assert/strict";
import { HttpStatusError } from "./client.ts";
import type { Target } from "./target.ts";

/** One thing that a server must do, checked through HTTP alone. */
export interface Scenario {
  readonly name: string;
  /** Needs the control routes of spec 13 §7: skipped, by name, where the server has none. */
  readonly needsControls: boolean;
  run(target: Target): Promise<void>;
}

export function scenario(name: string, run: (target: Target) => Promise<void>): Scenario {
  return { name, needsControls: false, run };
}

export function controlledScenario(name: string, run: (target: Target) => Promise<void>): Scenario {
  return { name, needsControls: true, run };
}

/** Runs a scenario, or says that this server has not what it needs. */
export async function runScenario(scenario: Scenario, target: Target): Promise<void> {
  if (scenario.needsControls && !target.hasControls) {
    console.log(`skipped, for the server has no control routes: ${scenario.name}`);
    return;
  }
  await scenario.run(target);
}

/** Fails unless the request ends with that HTTP status. */
export async function expectHttpStatus(request: Promise<unknown>, status: number): Promise<void> {
  try {
    const reply = await request;
    assert.fail(`expected HTTP ${status}, got ${JSON.stringify(reply)}`);
  } catch (error) {
    if (!(error instanceof HttpStatusError)) throw error;
    assert.equal(error.status, status, error.message);
  }
}
