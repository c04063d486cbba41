import { SecretKey } from "@parsec/crypto";
import type { DeviceId } from "@parsec/types";
import { BadAccessStrategyError, DeviceError } from "../errors.ts";
import { devicePath } from "../file/names.ts";
import { reading, writing } from "../file/store-errors.ts";
import type { DeviceStore } from "../store/port.ts";
import { expectType, type ProtectedFile, type Protection } from "./protection.ts";

/** Marks the files of such a key. Other clients do not read prepared files. */
const service = "parsec-own-key";

/**
 * A key in a file of its own beside the device's, for the moment between the making of a device and the choice of how to
 * protect it: whoever reads the folder has the device until then, and a crash in between loses nothing.
 */
export function ownKey(store: DeviceStore, deviceId: DeviceId): Protection {
  const path = ownKeyPath(deviceId);
  return {
    type: "keyring",
    offlineLogin: true,
    createKey: async () => {
      const key = SecretKey.generate();
      await writing(store.write(path, key.toBytes()));
      return { key, fields: { type: "keyring", keyringService: service, keyringUser: deviceId } };
    },
    openKey: async (file) => {
      expectType(file, "keyring");
      if (!hasOwnKey(file)) throw new BadAccessStrategyError("type");
      const bytes = await reading(store.read(path));
      if (bytes.length === SecretKey.size) return SecretKey.fromBytes(bytes);
      throw new DeviceError("INVALID_DATA", "The file beside the device's does not hold its key");
    },
  };
}

export function hasOwnKey(file: ProtectedFile): boolean {
  return file.type === "keyring" && file.keyringService === service;
}

export function ownKeyPath(deviceId: DeviceId): string {
  return `${devicePath(deviceId)}.key`;
}
