import type { AvailableDevice, Parsec, Protection } from "@parsec/client";
import { UsageError } from "./errors.ts";
import type { Invocation } from "./invocation.ts";

/** Where a secret may come from, in this order; never from an argument, which every process of the machine can read. */
interface SecretSource {
  /** The option that names a file descriptor. */
  readonly descriptor?: string;
  readonly variable: string;
  readonly prompt: string;
}

const sources = {
  password: { descriptor: "passwordFd", variable: "PARSEC_PASSWORD", prompt: "Password" },
  newPassword: { descriptor: "newPasswordFd", variable: "PARSEC_NEW_PASSWORD", prompt: "New password" },
  passphrase: { descriptor: "passphraseFd", variable: "PARSEC_PASSPHRASE", prompt: "Recovery passphrase" },
  code: { variable: "PARSEC_TOTP_CODE", prompt: "Code of the authenticator application" },
} as const satisfies Record<string, SecretSource>;

/** @throws UsageError when there is no such descriptor, or no terminal to ask in */
export async function readSecret(invocation: Invocation, kind: keyof typeof sources): Promise<string> {
  const { shell } = invocation;
  const source: SecretSource = sources[kind];
  const descriptor = source.descriptor === undefined ? undefined : invocation.text(source.descriptor);
  if (descriptor !== undefined) {
    if (!/^\d{1,9}$/.test(descriptor)) throw new UsageError(`${descriptor} is not a file descriptor`);
    return shell.readDescriptor(Number(descriptor));
  }
  return shell.env[source.variable] ?? shell.ask(source.prompt);
}

/** What unlocks a device: its password, the keyring, and its second factor when it has one. */
export async function unlocking(invocation: Invocation, parsec: Parsec, device: AvailableDevice): Promise<Protection> {
  const { withTotp } = await import("@parsec/device");
  const protection = await firstFactor(invocation, device);
  if (device.totpOpaqueKeyId === null) return protection;
  const code = await readSecret(invocation, "code");
  return withTotp(protection, await parsec.fetchTotpKey(device, code, { signal: invocation.signal }));
}

async function firstFactor(invocation: Invocation, device: AvailableDevice): Promise<Protection> {
  const { password, keyring } = await import("@parsec/device");
  switch (device.protection.type) {
    case "password":
      return password(await readSecret(invocation, "password"));
    case "keyring":
      return keyring();
    default:
      throw new UsageError(`This program cannot unlock a device that ${device.protection.type} protects`);
  }
}
