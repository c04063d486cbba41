// Tells 500 stories of three devices on one workspace. `MODEL_RUNS` asks for another number, `MODEL_SEED` for one again.
import { script, tool } from "./house.mjs";

await script(async () => {
  process.env["MODEL_RUNS"] ??= "500";
  const { code } = await tool("vitest", ["run", "--project=node", "test/model"]);
  return code;
});
