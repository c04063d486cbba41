// Tells 500 stories of three devices on one workspace, twice as long as those of `npm test`. `MODEL_RUNS` asks for another
// number, `MODEL_STEPS` for another length, `MODEL_SEED` for one again.
import { script, tool } from "./house.mjs";

await script(async () => {
  process.env["MODEL_RUNS"] ??= "500";
  process.env["MODEL_STEPS"] ??= "60";
  const { code } = await tool("vitest", ["run", "--project=node", "test/model"]);
  return code;
});
