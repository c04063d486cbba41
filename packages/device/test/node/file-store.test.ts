import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type DeviceStore, DeviceStoreError, listDevices, loadDevice, saveDevice } from "../../src/index.ts";
import { fileDeviceStore } from "../../src/node/file-store.ts";
import { baseFolders } from "../../src/node/folders.ts";
import { deviceStoreContract } from "../store/contract.ts";
import { bundleProgram } from "../support/bundle.ts";
import { newDevice } from "../support/devices.ts";
import { temporaryFolder } from "../support/folder.ts";
import { quickPassword } from "../support/vectors.ts";

deviceStoreContract("file system", async () => fileDeviceStore(await temporaryFolder()));

const content = new TextEncoder().encode("content");

describe("files and folders", () => {
  test("are for their owner alone", async () => {
    const dir = join(await temporaryFolder(), "config");
    await fileDeviceStore(dir).write("devices/sub/a.keys", content);
    const modes = ["", "devices", "devices/sub", "devices/sub/a.keys"].map(
      (path) => statSync(join(dir, path)).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o700, 0o700, 0o600]);
  });

  test("links are passed over, to files and to folders", async () => {
    const dir = await temporaryFolder();
    const store = fileDeviceStore(dir);
    await store.write("devices/a.keys", content);
    symlinkSync(join(dir, "devices/a.keys"), join(dir, "devices/link.keys"));
    symlinkSync(join(dir, "devices"), join(dir, "devices/loop"));
    expect(await store.list("devices", "keys")).toEqual(["devices/a.keys"]);
  });

  test("the default ones are the reference's; the environment moves the parent", () => {
    const home = "/home/alice";
    expect(baseFolders({}, "linux", home)).toEqual({
      config: "/home/alice/.config/parsec3/libparsec",
      data: "/home/alice/.local/share/parsec3",
    });
    const moved = {
      PARSEC_BASE_CONFIG_DIR: "/c",
      PARSEC_BASE_DATA_DIR: "/d",
      XDG_CONFIG_HOME: "/x",
      XDG_DATA_HOME: "/y",
    };
    expect(baseFolders(moved, "linux", home)).toEqual({ config: "/c/parsec3/libparsec", data: "/d/parsec3" });
    const { XDG_CONFIG_HOME, XDG_DATA_HOME } = moved;
    expect(baseFolders({ XDG_CONFIG_HOME, XDG_DATA_HOME }, "linux", home)).toEqual({
      config: "/x/parsec3/libparsec",
      data: "/y/parsec3",
    });
    expect(baseFolders({}, "darwin", home).data).toBe("/home/alice/Library/Application Support/parsec3");
  });
});

describe("what is in the way", () => {
  const codes = async (store: DeviceStore, path: string) => {
    const code = (work: Promise<unknown>) =>
      work.then(
        () => "ok",
        (error: { code: string }) => error.code,
      );
    return { read: await code(store.read(path)), write: await code(store.write(path, content)) };
  };

  test("a folder in place of the file", async () => {
    const dir = await temporaryFolder();
    mkdirSync(join(dir, "devices/a.keys"), { recursive: true });
    expect(await codes(fileDeviceStore(dir), "devices/a.keys")).toEqual({ read: "NOT_A_FILE", write: "NOT_A_FILE" });
    expect(readdirSync(join(dir, "devices"))).toEqual(["a.keys"]);
  });

  test("a file in place of the folder", async () => {
    const dir = await temporaryFolder();
    writeFileSync(join(dir, "devices"), "");
    const { read, write } = await codes(fileDeviceStore(dir), "devices/a.keys");
    expect(read).toBe("INVALID_PARENT");
    expect(["INVALID_PARENT", "CANNOT_EDIT"]).toContain(write);
    await expect(listDevices(fileDeviceStore(dir))).rejects.toMatchObject({ code: "STORAGE_NOT_AVAILABLE" });
  });

  test("a name that no file can have", async () => {
    const dir = await temporaryFolder();
    mkdirSync(join(dir, "devices"));
    const long = `devices/${"x".repeat(300)}.keys`;
    expect(await codes(fileDeviceStore(dir), long)).toEqual({ read: "INVALID_PATH", write: "INVALID_PATH" });
    expect(await codes(fileDeviceStore(dir), "devices/a\0.keys")).toEqual({
      read: "INVALID_PATH",
      write: "INVALID_PATH",
    });
  });

  test("in the words of the operations", async () => {
    const dir = await temporaryFolder();
    const device = newDevice();
    mkdirSync(join(dir, `devices/${device.deviceId}.keys`), { recursive: true });
    const store = fileDeviceStore(dir);
    await expect(saveDevice(store, device, quickPassword("p"))).rejects.toMatchObject({ code: "INVALID_PATH" });
    const path = `devices/${device.deviceId}.keys`;
    await expect(loadDevice(store, path, quickPassword("p"))).rejects.toMatchObject({ code: "INVALID_PATH" });
  });
});

describe("an unprivileged user", () => {
  test("a folder that may not be written, a file that may not be read", { timeout: 20_000 }, async () => {
    const folder = await temporaryFolder();
    const dir = join(folder, "config");
    await fileDeviceStore(dir).write("devices/a.keys", content);
    const program = await bundleProgram("unprivileged");
    const devices = join(dir, "devices");
    // As root the child gives its rights away; the folders must be reachable for it. Another user owns all of them.
    execFileSync("chmod", ["0755", folder, dir]);
    execFileSync("chmod", ["0000", join(devices, "a.keys")]);
    execFileSync("chmod", ["0555", devices]);
    try {
      const output = execFileSync(process.execPath, [program, dir], { encoding: "utf8" });
      expect(JSON.parse(output)).toEqual({
        read: "INVALID_PATH",
        write: "CANNOT_EDIT",
        remove: "INVALID_PATH",
        loadDevice: "INVALID_PATH",
        saveDevice: "INVALID_PATH",
        archiveDevice: "INVALID_PATH",
        removeDeviceFile: "INVALID_PATH",
      });
      expect(readdirSync(devices)).toEqual(["a.keys"]);
    } finally {
      execFileSync("chmod", ["0755", devices]);
    }
  });
});

describe("SIGKILL during a save", () => {
  test("the old or the new content is there, whole", { timeout: 60_000 }, async () => {
    const folder = await temporaryFolder();
    const program = await bundleProgram("writer");
    const dir = join(folder, "config");
    for (let round = 0; round < 12; round += 1) {
      const child = spawn(process.execPath, [program, dir], { stdio: ["ignore", "pipe", "inherit"] });
      const ended = new Promise((resolve) => child.on("close", resolve));
      onTestFinished(() => {
        child.kill("SIGKILL");
      });
      await new Promise((resolve) => child.stdout.once("data", resolve));
      // Until the program has saved once, then some writes more.
      const store = fileDeviceStore(dir);
      for (let reads = 0; reads < 20 + 7 * round; ) {
        await store.read("devices/a.keys").then(
          () => (reads += 1),
          () => undefined,
        );
      }
      child.kill("SIGKILL");
      await ended;
      const found = await store.read("devices/a.keys");
      expect(found.length).toBeGreaterThanOrEqual(1000);
      expect(new Set(found).size).toBe(1);
      expect(await store.list("devices", "keys")).toEqual(["devices/a.keys"]);
    }
  });
});

describe("two processes that save at once", () => {
  test("neither sees, or leaves, a mixture", async () => {
    const folder = await temporaryFolder();
    const program = await bundleProgram("writer");
    const dir = join(folder, "config");
    const children = [1, 2].map(() =>
      spawn(process.execPath, [program, dir], { stdio: ["ignore", "pipe", "inherit"] }),
    );
    onTestFinished(() => {
      for (const child of children) child.kill("SIGKILL");
    });
    await Promise.all(children.map((child) => new Promise((resolve) => child.stdout.once("data", resolve))));
    const store = fileDeviceStore(dir);
    for (let reads = 0; reads < 200; ) {
      const found = await store.read("devices/a.keys").catch(() => undefined);
      if (found === undefined) continue;
      reads += 1;
      expect(found.length).toBeGreaterThanOrEqual(1000);
      expect(new Set(found).size).toBe(1);
    }
  });
});

const disk = smallDisk();

describe(`a full disk: ${disk.kind}`, () => {
  test("the save fails with NO_SPACE_AVAILABLE and leaves the old file", async () => {
    const { store, fill } = await disk.mount();
    const device = newDevice();
    const { path } = await saveDevice(store, device, quickPassword("old"));
    fill();
    const save = saveDevice(store, device, quickPassword("new"));
    await expect(save).rejects.toMatchObject({ code: "NO_SPACE_AVAILABLE" });
    expect(await loadDevice(store, path, quickPassword("old"))).toMatchObject({ deviceId: device.deviceId });
    expect(await store.list("devices", "tmp")).toEqual([]);
  });
});

interface SmallDisk {
  readonly kind: string;
  mount(): Promise<{ readonly store: DeviceStore; fill(): void }>;
}

/** A tmpfs of 64 KiB where this user may mount one, else a store that fails as if it were full. */
function smallDisk(): SmallDisk {
  if (!canMount()) {
    return {
      kind: "a failing store",
      mount: async () => {
        const store = fileDeviceStore(await temporaryFolder());
        let full = false;
        const write: DeviceStore["write"] = async (path, bytes) => {
          if (full) throw new DeviceStoreError("NO_SPACE_LEFT", path);
          await store.write(path, bytes);
        };
        return { store: { ...store, write }, fill: () => (full = true) };
      },
    };
  }
  return {
    kind: "a small tmpfs",
    mount: async () => {
      const folder = await temporaryFolder();
      mountTmpfs(folder);
      onTestFinished(() => {
        execFileSync("umount", ["-l", folder]);
      });
      return {
        store: fileDeviceStore(folder),
        fill: () => {
          try {
            writeFileSync(join(folder, "ballast"), new Uint8Array(128 * 1024));
          } catch {
            // As much as there is room for was written.
          }
        },
      };
    },
  };
}

function mountTmpfs(folder: string): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], { stdio: "ignore" });
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "parsec-mount-"));
  try {
    mountTmpfs(folder);
    execFileSync("umount", [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}
