import {
  type Clock,
  type Diagnostics,
  noDiagnostics,
  type RandomSource,
  systemClock,
  systemRandom,
} from "@parsec/base";
import { createTransport, type Transport } from "@parsec/connection";
import { type DeviceStore, defaultFolders, fileDeviceStore } from "@parsec/device";
import { platformDriver, type StorageDriver } from "@parsec/storage";
import { type SessionConfig, sessionConfig } from "./session/config.ts";

/** Everything that comes from outside (architecture §4). Whatever is left out has the default of the platform. */
export interface ParsecOptions extends Partial<SessionConfig> {
  /**
   * Where devices and their data are kept: on Node a folder, that gets `config` and `data`; in a browser a prefix of
   * names. By default the folders of the reference client (spec 06 §2.1).
   */
  readonly dir?: string | undefined;
  readonly deviceStore?: DeviceStore | undefined;
  readonly storage?: StorageDriver | undefined;
  /** Closed by its maker. */
  readonly transport?: Transport | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: RandomSource | undefined;
  readonly diagnostics?: Diagnostics | undefined;
}

/** The same, with every default filled in: what works before there is a session. */
export interface ParsecPorts {
  readonly deviceStore: DeviceStore;
  readonly storage: StorageDriver;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly diagnostics: Diagnostics;
  readonly config: SessionConfig;
}

/** @throws TransportConfigError when the environment names an unusable proxy or certificate file */
export function parsecPorts(options: ParsecOptions): ParsecPorts {
  const folders =
    options.dir === undefined ? defaultFolders() : { config: `${options.dir}/config`, data: `${options.dir}/data` };
  return {
    deviceStore: options.deviceStore ?? fileDeviceStore(folders.config),
    storage: options.storage ?? platformDriver(folders.data),
    transport: options.transport ?? createTransport(),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    diagnostics: options.diagnostics ?? noDiagnostics,
    config: sessionConfig(options),
  };
}
