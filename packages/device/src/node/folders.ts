import { homedir } from "node:os";
import { join } from "node:path";

interface Environment {
  readonly [name: string]: string | undefined;
}

/** The base folders of spec 06 §2.1. A variable of the environment replaces the parent; what follows is always added. */
export function baseFolders(
  environment: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): { readonly config: string; readonly data: string } {
  const system = systemFolders(environment, platform, home);
  return {
    config: join(environment["PARSEC_BASE_CONFIG_DIR"] ?? system.config, "parsec3", "libparsec"),
    data: join(environment["PARSEC_BASE_DATA_DIR"] ?? system.data, "parsec3"),
  };
}

function systemFolders(environment: Environment, platform: NodeJS.Platform, home: string) {
  if (platform === "win32") {
    const roaming = environment["APPDATA"] ?? join(home, "AppData", "Roaming");
    return { config: roaming, data: roaming };
  }
  if (platform === "darwin") {
    const support = join(home, "Library", "Application Support");
    return { config: support, data: support };
  }
  return {
    config: environment["XDG_CONFIG_HOME"] || join(home, ".config"),
    data: environment["XDG_DATA_HOME"] || join(home, ".local", "share"),
  };
}
