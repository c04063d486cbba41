const names: Readonly<Record<string, string>> = {
  android: "Android",
  darwin: "MacOS",
  linux: "Linux",
  win32: "Windows",
};

/** The word for the operating system in `User-Agent` (spec 05 §2). */
export const operatingSystem: string = names[process.platform] ?? "Linux";

export { createTransport } from "./undici-transport.ts";
