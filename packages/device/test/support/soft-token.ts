import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleProgram } from "./bundle.ts";
import { openssl } from "./test-pki.ts";

/** A software token (SoftHSM), where Debian puts it. */
export const softTokenLibrary = "/usr/lib/softhsm/libsofthsm2.so";

export interface SoftToken {
  readonly label: string;
  readonly pin: string;
  /** Names of keys and of certificates in the folder of a PKI, with their ids on the token, in hex. */
  readonly keys: Readonly<Record<string, string>>;
  readonly certificates: Readonly<Record<string, string>>;
}

/** Makes a token in the folder of a PKI, the only one that this process then sees. */
export async function makeSoftToken(folder: string, { label, pin, keys, certificates }: SoftToken): Promise<void> {
  mkdirSync(join(folder, "tokens"));
  const configuration = join(folder, "softhsm2.conf");
  writeFileSync(configuration, `directories.tokendir = ${join(folder, "tokens")}\nlog.level = ERROR\n`);
  process.env["SOFTHSM2_CONF"] = configuration;
  const softhsm = (...args: readonly string[]) => execFileSync("softhsm2-util", args, { cwd: folder, stdio: "ignore" });
  softhsm("--init-token", "--free", "--label", label, "--so-pin", pin, "--pin", pin);
  for (const [name, id] of Object.entries(keys)) {
    openssl(folder, "pkcs8", "-topk8", "-nocrypt", "-in", `${name}.key`, "-out", `${name}.p8.pem`);
    softhsm("--import", `${name}.p8.pem`, "--token", label, "--pin", pin, "--label", name, "--id", id);
  }
  const program = await bundleProgram("fill-token-program");
  const files = Object.entries(certificates).flatMap(([name, id]) => [join(folder, `${name}.der`), id]);
  execFileSync(process.execPath, [program, softTokenLibrary, pin, ...files], { stdio: "inherit" });
  rmSync(program);
}
