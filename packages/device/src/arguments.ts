import { requireArgument, requireBytes, requireMethods, requireObject, requireSignal, requireText } from "@parsec/base";

// What callers may get wrong in plain JavaScript. Each throws an InvalidArgumentError that names the argument.

export function requireStore(store: unknown): void {
  requireMethods("store", store, "a device store", "list", "read", "write", "rename", "remove");
}

export function requireProtection(argument: string, protection: unknown): void {
  requireMethods(argument, protection, "a protection, such as password(…)", "createKey", "openKey");
}

export function requireLocalDevice(device: unknown): void {
  const isDevice = typeof device === "object" && device !== null && Reflect.get(device, "type") === "local_device";
  requireArgument("device", device, "a local device", isDevice);
}

export function requireAddress(address: unknown): void {
  requireObject("address", address);
  requireText("address.hostname", Reflect.get(address, "hostname"));
}

/** The last parameter of most functions: an object with a `signal` and a `clock`, both optional. */
export function requireOptions(options: unknown): void {
  requireObject("options", options);
  requireSignal("options.signal", Reflect.get(options, "signal"));
  const clock: unknown = Reflect.get(options, "clock");
  if (clock !== undefined) requireMethods("options.clock", clock, "a clock", "now", "timer");
}

export function requireX509Key(key: unknown): void {
  requireMethods("key", key, "a key of a certificate", "decrypt", "sign", "close");
  requireBytes("key.certificate", typeof key === "object" && key !== null && Reflect.get(key, "certificate"));
}

export function requireOpaqueKeys(argument: string, keys: unknown): void {
  requireMethods(argument, keys, "a service that keeps keys", "upload", "fetch");
}

export function requireConnection(connection: unknown): void {
  requireMethods("connection", connection, "a connection to a server", "send");
}

/** The code that an authenticator application shows. */
export function requireCode(code: unknown): void {
  requireText("code", code, { filled: true });
}

export function requireBytesList(argument: string, list: unknown): void {
  requireArgument(argument, list, "an array of Uint8Array", Array.isArray(list));
  if (Array.isArray(list)) for (const [index, bytes] of list.entries()) requireBytes(`${argument}[${index}]`, bytes);
}
