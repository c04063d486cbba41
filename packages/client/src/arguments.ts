import {
  requireArgument,
  requireFunction,
  requireMethods,
  requireNatural,
  requireObject,
  requireSignal,
  requireText,
} from "@parsec/base";
import type { Protection } from "@parsec/device";
import { EntryName } from "@parsec/types";

// What callers may get wrong in plain JavaScript. Each throws an InvalidArgumentError that names the argument: fields
// of a request by their own names, fields of `options` with it.

/** The last parameter of most operations: an object with an optional `signal`. */
export function requireOptions(options: unknown): void {
  requireObject("options", options);
  requireSignal("options.signal", Reflect.get(options, "signal"));
}

export function requireId(argument: string, id: unknown): void {
  const isId = typeof id === "string" && /^[0-9a-f]{32}$/.test(id);
  requireArgument(argument, id, "an id of 32 hexadecimal digits", isId);
}

export function requireProtection(protection: unknown): asserts protection is Protection {
  requireMethods("protection", protection, "a protection, such as password(…)", "createKey", "openKey");
}

export function requireLocalDevice(device: unknown): void {
  const isDevice = typeof device === "object" && device !== null && Reflect.get(device, "type") === "local_device";
  requireArgument("device", device, "the id of a device, or an unlocked one", isDevice);
}

export function requireHuman(human: unknown): void {
  requireObject("human", human);
  requireText("human.email", Reflect.get(human, "email"));
  requireText("human.label", Reflect.get(human, "label"));
}

/** A link as text, or parsed. */
export function requireAddress(address: unknown, kind: string): void {
  const isParsed = typeof address === "object" && address !== null && Reflect.get(address, "kind") === kind;
  requireArgument("address", address, "a link", typeof address === "string" || isParsed);
}

/** What a new device needs to know. */
export function requireNewDevice(options: unknown): void {
  requireOptions(options);
  const { deviceLabel, protection } = Object(options);
  requireText("deviceLabel", deviceLabel);
  requireProtection(protection);
}

const profiles: readonly unknown[] = ["ADMIN", "STANDARD", "OUTSIDER"];

export function requireProfile(profile: unknown): void {
  requireArgument("profile", profile, "ADMIN, STANDARD or OUTSIDER", profiles.includes(profile));
}

export function requireAccount(account: unknown): void {
  requireObject("account", account);
  const methods = ["listRegistrationDevices", "fetchRegistrationDevice", "uploadRegistrationDevice"];
  requireMethods("account.vault", Reflect.get(account, "vault"), "the vault of an account", ...methods);
}

const ports: readonly (readonly [string, string, readonly string[]])[] = [
  ["deviceStore", "a device store", ["list", "read", "write", "rename", "remove"]],
  ["storage", "a storage driver", ["check", "openDevice", "removeDevice"]],
  ["transport", "a transport", ["request", "close"]],
  ["clock", "a clock", ["now", "timer"]],
  ["random", "a random source", ["bytes", "unit"]],
];

function isEntryName(text: unknown): boolean {
  try {
    return typeof text === "string" && EntryName.parse(text) !== undefined;
  } catch {
    return false;
  }
}

/** Those of `createParsec`. */
export function requireParsecOptions(options: unknown): void {
  requireObject("options", options);
  const field = (name: string): unknown => Reflect.get(options, name);
  if (field("dir") !== undefined) requireText("dir", field("dir"), { filled: true });
  for (const [name, expected, methods] of ports) {
    if (field(name) !== undefined) requireMethods(name, field(name), expected, ...methods);
  }
  if (field("diagnostics") !== undefined) requireFunction("diagnostics", field("diagnostics"));
  if (field("blockCacheBytes") !== undefined) requireNatural("blockCacheBytes", field("blockCacheBytes"));
  const lostAndFoundName = field("lostAndFoundName");
  if (lostAndFoundName !== undefined) {
    requireArgument(
      "lostAndFoundName",
      lostAndFoundName,
      "a name that an entry may have",
      isEntryName(lostAndFoundName),
    );
  }
  const [sync, patterns] = [field("sync"), field("preventSyncPatterns")];
  requireArgument("sync", sync, "auto or manual", sync === undefined || sync === "auto" || sync === "manual");
  if (patterns === undefined || typeof patterns === "string") return;
  requireArgument("preventSyncPatterns", patterns, "a text, or an array of texts", Array.isArray(patterns));
  for (const [index, pattern] of patterns.entries()) requireText(`preventSyncPatterns[${index}]`, pattern);
}
