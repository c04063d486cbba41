// Reads 200,000 damaged documents: only typed errors, no hang, no growth of memory. `FUZZ_SEED` chooses other damage.
import { script, tool } from "./house.mjs";

await script(async () => {
  process.env["FUZZ_INPUTS"] ??= "200000";
  const { code } = await tool("vitest", ["run", "--project=node", "packages/types/test/fuzz.test.ts"]);
  return code;
});
