// Bootstraps an organization, and kills itself without warning at the n-th step that touches the disk or the network.
// Arguments: folder, bootstrap address, step (1 is the first; a step that never comes kills nobody).
import { createParsec, password } from "@parsec/client";
import { die, mortalPorts } from "./mortal-ports.ts";

const [dir = "", address = "", fatal = "0"] = process.argv.slice(2);
let step = 0;

const ports = mortalPorts(dir, () => {
  step += 1;
  if (step === Number(fatal)) die();
});
const parsec = await createParsec({ ...ports, sync: "manual" });
const session = await parsec.bootstrap(address, {
  human: { email: "alice@example.com", label: "Alice" },
  deviceLabel: "laptop",
  protection: password("P@ss"),
});
await session.close();
process.stdout.write("done");
process.exit(0);
