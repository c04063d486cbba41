// `npm start`: installs, builds, runs the tour. `npm start -- PATH`, `npm start -- --keep DIR`: see examples/tour.
import { join } from "node:path";
import { build, install, run, Stop, script, top } from "./house.mjs";

await script(async () => {
  await install();
  const built = await build({ declarations: false });
  if (built.code !== 0) throw new Stop("The build failed: see the lines above.");
  const tour = await run(process.execPath, [
    join(top, "examples", "tour", "dist", "main.js"),
    ...process.argv.slice(2),
  ]);
  return tour.code;
});
