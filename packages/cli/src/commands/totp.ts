import { UsageError } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { readSecret, unlocking } from "../secrets.ts";
import { chooseDevice, withParsec } from "../session.ts";

export function enable(invocation: Invocation): Promise<void> {
  const { signal, output } = invocation;
  return withParsec(invocation, async (parsec) => {
    const device = await chooseDevice(invocation, parsec);
    if (device.totpOpaqueKeyId !== null) throw new UsageError("The device has a second factor already");
    const protection = await unlocking(invocation, parsec, device);
    const session = await parsec.login(device.deviceId, protection, { signal, wait: invocation.flag("wait") });
    const key = await (async () => {
      try {
        const state = await session.totp.status({ signal });
        if (state.status === "unconfirmed") {
          output.tell({ type: "totp-secret", secret: state.secret.base32 }, state.secret.base32);
          output.note("Enter this secret into the authenticator application, then the code that it shows");
          await session.totp.confirm(await readSecret(invocation, "code"), { signal });
        }
        return await session.totp.createKey({ signal });
      } finally {
        await session.close();
      }
    })();
    await parsec.addTotp(device, protection, key, { signal });
    output.report({ type: "totp", enabled: true }, "Each login asks for a code now");
  });
}

export function disable(invocation: Invocation): Promise<void> {
  const { signal, output } = invocation;
  return withParsec(invocation, async (parsec) => {
    const device = await chooseDevice(invocation, parsec);
    await parsec.removeTotp(device, await unlocking(invocation, parsec, device), { signal });
    output.report({ type: "totp", enabled: false }, "No login asks for a code any more");
  });
}
