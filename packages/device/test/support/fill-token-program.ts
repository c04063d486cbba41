import { readFileSync } from "node:fs";
import * as graphene from "graphene-pk11";
import { Certificate } from "pkijs";

// A program that puts certificates on a token: library, PIN, then pairs of a DER file and an id in hex.

const [library = "", pin = "", ...files] = process.argv.slice(2);
const module = graphene.Module.load(library);
module.initialize();
const session = module.getSlots(0, true).open(graphene.SessionFlag.SERIAL_SESSION | graphene.SessionFlag.RW_SESSION);
session.login(pin);
for (let index = 0; index < files.length; index += 2) {
  const value = readFileSync(files[index] ?? "");
  const certificate = Certificate.fromBER(new Uint8Array(value));
  const der = (part: { toSchema(): { toBER(): ArrayBuffer } }) => Buffer.from(part.toSchema().toBER());
  session.create({
    class: graphene.ObjectClass.CERTIFICATE,
    certType: graphene.CertificateType.X_509,
    token: true,
    private: false,
    label: `certificate ${index / 2}`,
    id: Buffer.from(files[index + 1] ?? "", "hex"),
    subject: der(certificate.subject),
    issuer: der(certificate.issuer),
    value,
  });
}
session.logout();
session.close();
module.finalize();
