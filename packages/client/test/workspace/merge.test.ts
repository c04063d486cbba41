import { readFileSync } from "node:fs";
import { PreventSyncPattern } from "@parsec/types";
import { describe, expect, it } from "vitest";
import { localContentChanged } from "../../src/workspace/merge/content-changed.ts";
import { mergeFile } from "../../src/workspace/merge/file.ts";
import { mergeFolder } from "../../src/workspace/merge/folder.ts";
import {
  access,
  deviceId,
  file,
  folder,
  type JsonContent,
  type JsonFile,
  type JsonFolder,
  type JsonLocalFile,
  type JsonLocalFolder,
  localFile,
  localFolder,
  slots,
  time,
} from "./support/from-vectors.ts";

interface FolderCase {
  readonly id: string;
  readonly title: string;
  readonly local: JsonLocalFolder;
  readonly remote: JsonFolder;
  readonly expected: "no_change" | { readonly merged: JsonLocalFolder };
}
interface FileCase {
  readonly id: string;
  readonly title: string;
  readonly local: JsonLocalFile;
  readonly remote: JsonFile;
  readonly expected: "no_change" | "conflict" | { readonly merged: JsonLocalFile };
}

interface ContentCase {
  readonly id: string;
  readonly title: string;
  readonly base: JsonContent & { readonly blocks: JsonFile["blocks"] };
  readonly local: JsonContent & { readonly blocks: JsonLocalFile["blocks"] };
  readonly changed: boolean;
}
interface Vectors {
  readonly merge_folder: {
    readonly this_device: string;
    readonly merge_timestamp: string;
    readonly prevent_sync_pattern: string;
    readonly cases: readonly FolderCase[];
  };
  readonly merge_file: {
    readonly this_device: string;
    readonly merge_timestamp: string;
    readonly cases: readonly FileCase[];
  };
  readonly file_content_changed: { readonly cases: readonly ContentCase[] };
}

const source = new URL("../../../../test/vectors/filesystem.json", import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(source, "utf8"));

describe("mergeFolder", () => {
  const { cases, this_device, merge_timestamp, prevent_sync_pattern } = vectors.merge_folder;
  const context = {
    device: deviceId(this_device),
    time: time(merge_timestamp),
    pattern: PreventSyncPattern.fromRegex(prevent_sync_pattern),
  };

  it.each(cases)("$id $title", ({ local, remote, expected }) => {
    const result = mergeFolder(context, localFolder(local), folder(remote));
    expect(result).toEqual(
      expected === "no_change"
        ? { outcome: "noChange" }
        : { outcome: "merged", manifest: localFolder(expected.merged) },
    );
  });

  it("reads every case of the file", () => expect(cases).toHaveLength(85));
});

describe("mergeFile", () => {
  const { cases, this_device, merge_timestamp } = vectors.merge_file;
  const context = { device: deviceId(this_device), time: time(merge_timestamp) };
  const outcome = (expected: FileCase["expected"]) => {
    if (expected === "no_change") return { outcome: "noChange" };
    if (expected === "conflict") return { outcome: "conflict" };
    return { outcome: "merged", manifest: localFile(expected.merged) };
  };

  it.each(cases)("$id $title", ({ local, remote, expected }) => {
    expect(mergeFile(context, localFile(local), file(remote))).toEqual(outcome(expected));
  });

  it("reads every case of the file", () => expect(cases).toHaveLength(33));
});

describe("localContentChanged", () => {
  it.each(vectors.file_content_changed.cases)("$id $title", ({ base, local, changed }) => {
    const remote = { ...base, blocks: base.blocks.map(access) };
    expect(localContentChanged(remote, { ...local, blocks: slots(local.blocks) })).toBe(changed);
  });
});
