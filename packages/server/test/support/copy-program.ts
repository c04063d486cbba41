// `parsec-server` in a process of its own that ends without warning. Arguments: the phase and the number of the line of it
// at which it is killed (0: never), whether that is at once or when it waits for something next, and the command line.
import { writeSync } from "node:fs";
import { main } from "../../src/cli/main.ts";

const [phase = "", place = "0", when = "at once", ...argv] = process.argv.slice(2);
const die = () => process.kill(process.pid, "SIGKILL");
let seen = 0;
const print = (line: string) => {
  writeSync(1, `${line}\n`);
  if (!line.startsWith(`${phase}: `)) return;
  seen += 1;
  if (seen !== Number(place)) return;
  if (when === "at once") die();
  else setImmediate(die);
};
const stopped = new Promise<never>(() => undefined);
process.exitCode = await main({ argv, env: {}, print, printError: (line) => console.error(line), stopped });
