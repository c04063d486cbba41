import type { DeviceDatabases, StorageDriver, WorkspaceDatabase } from "@parsec/storage";
import type { ChunkId, DeviceId, VlobId } from "@parsec/types";

type WorkspaceWrite = Parameters<WorkspaceDatabase["apply"]>[0][number];

/** What a test changes of the databases of workspaces; what is left out does what it always does. */
export type Meddling = {
  readonly [Method in keyof WorkspaceDatabase]?: (
    inner: WorkspaceDatabase,
    ...args: Parameters<WorkspaceDatabase[Method]>
  ) => ReturnType<WorkspaceDatabase[Method]>;
};

export interface MeddledDriver extends StorageDriver {
  meddling: Meddling;
  /** Every chunk that was ever stored. */
  readonly chunks: ReadonlySet<ChunkId>;
  /** How many rows of each kind were written since the last `forget`. */
  readonly written: ReadonlyMap<string, number>;
  /** Bytes of manifests and chunks written since the last `forget`, encrypted as they are stored. */
  readonly bytes: number;
  /** Writing transactions since the last `forget`. */
  readonly transactions: number;
  /** Calls of any kind since the last `forget`. */
  readonly calls: number;
  forget(): void;
}

/** A driver over another one that notes what is written to workspaces, and lets a test come in between. */
export function meddledDriver(inner: StorageDriver): MeddledDriver {
  const chunks = new Set<ChunkId>();
  const written = new Map<string, number>();
  let transactions = 0;
  let calls = 0;
  let bytes = 0;
  const note = (kind: string) => written.set(kind, (written.get(kind) ?? 0) + 1);
  const driver: MeddledDriver = {
    meddling: {},
    chunks,
    written,
    get bytes() {
      return bytes;
    },
    get transactions() {
      return transactions;
    },
    get calls() {
      return calls;
    },
    forget: () => {
      written.clear();
      transactions = 0;
      calls = 0;
      bytes = 0;
    },
    check: () => inner.check(),
    removeDevice: (deviceId) => inner.removeDevice(deviceId),
    async openDevice(deviceId, options) {
      const databases = await inner.openDevice(deviceId, options);
      return {
        certificates: databases.certificates,
        openUser: (realmId) => databases.openUser(realmId),
        openWorkspace: async (realmId) => meddled(await databases.openWorkspace(realmId)),
        removeWorkspace: (realmId) => databases.removeWorkspace(realmId),
        close: () => databases.close(),
      };
    },
  };

  function meddled(database: WorkspaceDatabase): WorkspaceDatabase {
    const noting: Meddling = {
      apply: (target, writes) => {
        transactions += 1;
        for (const write of writes) {
          note(write.kind);
          if (write.kind === "put_chunk") chunks.add(write.chunk.id);
          bytes += sizeOf(write);
        }
        return (driver.meddling.apply ?? passOn("apply"))(target, writes);
      },
    };
    return new Proxy(database, {
      get: (target, name: keyof WorkspaceDatabase) => {
        const meddle = noting[name] ?? driver.meddling[name];
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return (...args: unknown[]) => {
          calls += 1;
          return meddle === undefined
            ? Reflect.apply(method, target, args)
            : Reflect.apply(meddle, undefined, [target, ...args]);
        };
      },
    });
  }
  return driver;
}

function sizeOf(write: WorkspaceWrite): number {
  if (write.kind === "put_vlob") return write.row.blob.length;
  return write.kind === "put_chunk" ? write.chunk.data.length : 0;
}

function passOn<Method extends keyof WorkspaceDatabase>(method: Method): NonNullable<Meddling[Method]> {
  return ((inner: WorkspaceDatabase, ...args: unknown[]) => Reflect.apply(inner[method], inner, args)) as NonNullable<
    Meddling[Method]
  >;
}

/** The chunks that a closed device has of a workspace. */
export async function chunksOnDevice(
  driver: StorageDriver,
  deviceId: DeviceId,
  realmId: VlobId,
): Promise<readonly ChunkId[]> {
  const databases: DeviceDatabases = await driver.openDevice(deviceId);
  try {
    const workspace = await databases.openWorkspace(realmId);
    return (await workspace.chunkInfos()).map(({ id }) => id);
  } finally {
    await databases.close();
  }
}
