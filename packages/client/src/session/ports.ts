import type { Clock, Diagnostics, RandomSource } from "@parsec/base";
import type { Transport } from "@parsec/connection";
import type { DeviceStore } from "@parsec/device";
import type { StorageDriver } from "@parsec/storage";
import type { SessionConfig } from "./config.ts";

/** Everything that comes from outside (architecture §4). Whatever is left out has the default of the platform. */
export interface ParsecOptions extends Partial<SessionConfig> {
  /** Folder (Node) or name prefix (browser) of the device files and databases. Default: the folders of spec 06 §2.1. */
  readonly dir?: string | undefined;
  readonly deviceStore?: DeviceStore | undefined;
  readonly storage?: StorageDriver | undefined;
  readonly transport?: Transport | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: RandomSource | undefined;
  readonly diagnostics?: Diagnostics | undefined;
}

/** The same, with every default filled in: what `claim` and `bootstrap` work with, before there is a session. */
export interface ParsecPorts {
  readonly deviceStore: DeviceStore;
  readonly storage: StorageDriver;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly diagnostics: Diagnostics;
  readonly config: SessionConfig;
}
