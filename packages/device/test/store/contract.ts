import { beforeEach, describe, expect, test } from "vitest";
import type { DeviceStore } from "../../src/index.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** What every device store does. `make` gives an empty one. */
export function deviceStoreContract(name: string, make: () => DeviceStore | Promise<DeviceStore>): void {
  describe(`the device store contract: ${name}`, () => {
    let store: DeviceStore;
    beforeEach(async () => {
      store = await make();
    });

    test("a missing folder is empty, a missing file is NOT_FOUND", async () => {
      expect(await store.list("devices", "keys")).toEqual([]);
      await expect(store.read("devices/a.keys")).rejects.toMatchObject({ code: "NOT_FOUND" });
      await expect(store.remove("devices/a.keys")).rejects.toMatchObject({ code: "NOT_FOUND" });
      await store.write("devices/b.keys", text("b"));
      await expect(store.read("devices/a.keys")).rejects.toMatchObject({ code: "NOT_FOUND" });
      await expect(store.remove("devices/a.keys")).rejects.toMatchObject({ code: "NOT_FOUND" });
      await expect(store.rename("devices/a.keys", "devices/c.keys")).rejects.toMatchObject({
        name: "DeviceStoreError",
      });
    });

    test("what is written is read, and replaced by the next write", async () => {
      await store.write("devices/a.keys", text("old"));
      expect(await store.read("devices/a.keys")).toEqual(text("old"));
      await store.write("devices/a.keys", text("the new content"));
      expect(await store.read("devices/a.keys")).toEqual(text("the new content"));
      await store.write("devices/a.keys", text(""));
      expect(await store.read("devices/a.keys")).toEqual(text(""));
    });

    test("values are copied in and out", async () => {
      const content = text("abc");
      await store.write("a.keys", content);
      content.fill(0);
      const read = await store.read("a.keys");
      expect(read).toEqual(text("abc"));
      read.fill(0);
      expect(await store.read("a.keys")).toEqual(text("abc"));
    });

    test("lists files of exactly that extension, at any depth, component by component", async () => {
      const paths = [
        "devices/a/b.keys",
        "devices/a.keys",
        "devices/é.keys",
        "devices/z/y/x w.keys",
        "devices/z.a.keys",
      ];
      const others = ["devices/a.keys.archived", "devices/a.KEYS", "devices/keys", "devices/.keys", "other/a.keys"];
      for (const path of [...paths, ...others].reverse()) await store.write(path, text(path));
      expect(await store.list("devices", "keys")).toEqual([
        "devices/a/b.keys",
        "devices/a.keys",
        "devices/z/y/x w.keys",
        "devices/z.a.keys",
        "devices/é.keys",
      ]);
    });

    test("a rename moves the content, over an existing file too", async () => {
      await store.write("devices/a.keys", text("a"));
      await store.write("devices/b.keys", text("b"));
      await store.rename("devices/a.keys", "devices/b.keys");
      expect(await store.list("devices", "keys")).toEqual(["devices/b.keys"]);
      expect(await store.read("devices/b.keys")).toEqual(text("a"));
    });

    test("a removed file is gone", async () => {
      await store.write("devices/a.keys", text("a"));
      await store.remove("devices/a.keys");
      expect(await store.list("devices", "keys")).toEqual([]);
    });

    test("writers at the same time: one of them wins, whole", async () => {
      const contents = Array.from({ length: 8 }, (_, index) => text(String(index).repeat(2000 + index)));
      await Promise.all(contents.map((content) => store.write("devices/a.keys", content)));
      expect(contents).toContainEqual(await store.read("devices/a.keys"));
      expect(await store.list("devices", "tmp")).toEqual([]);
    });
  });
}
