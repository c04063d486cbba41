import type { SystemName } from "../system-name.ts";

const names: Partial<Record<NodeJS.Platform, SystemName>> = { android: "android", darwin: "macos", win32: "windows" };

/** Whatever else Node runs on is told as what it resembles most. */
export function systemName(platform: NodeJS.Platform = process.platform): SystemName {
  return names[platform] ?? "linux";
}
