// Claims a user invitation, and kills itself without warning at the first moment of that name (see mortalPorts).
// Arguments: folder, invitation address, moment. Reads the greeter's code from the standard input, and writes the
// claimer's to the standard output: the telephone.
import { createInterface } from "node:readline";
import { createParsec, password } from "@parsec/client";
import { choose } from "./greeting-people.ts";
import { hastyClock } from "./hasty-clock.ts";
import { die, mortalPorts } from "./mortal-ports.ts";

const [dir = "", address = "", fatal = ""] = process.argv.slice(2);

const ports = mortalPorts(dir, (moment) => {
  if (moment === fatal) die();
});
const parsec = await createParsec({ ...ports, clock: hastyClock, sync: "manual" });
const invitation = await parsec.openInvitation(address);
if (invitation.type !== "USER") throw new Error("not an invitation for a user");
const choosing = await invitation.meet();
let heard = "";
for await (const line of createInterface(process.stdin)) {
  heard = line;
  break;
}
const showing = await choosing.choose(choose(choosing.greeterSasChoices, heard));
process.stdout.write(`${showing.claimerSas}\n`);
const claim = await showing.waitPeerTrust();
await claim.claim({
  human: { email: invitation.details.claimerEmail, label: "Bob" },
  deviceLabel: "phone",
  protection: password("P@ss"),
});
process.stdout.write("done\n");
process.exit(0);
