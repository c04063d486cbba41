// Reads 200,000 damaged documents: only typed errors, no hang, no growth of memory. `FUZZ_SEED` chooses other damage.
import { spawnSync } from "node:child_process";

const env = { ...process.env, FUZZ_INPUTS: process.env.FUZZ_INPUTS ?? "200000" };
const command = ["exec", "vitest", "run", "--project", "node", "packages/types/test/fuzz.test.ts"];
const { status } = spawnSync("pnpm", command, { env, stdio: "inherit", shell: process.platform === "win32" });
process.exit(status ?? 1);
