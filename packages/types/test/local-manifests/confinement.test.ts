import { BugError } from "@parsec/base";
import { describe, expect, it } from "vitest";
import * as t from "../../src/index.ts";
import {
  author,
  changesOf,
  childrenOf,
  type FolderCase,
  filesystem,
  folderManifest,
  folderState,
  idsOf,
  instant,
  parentId,
} from "../support/filesystem-vectors.ts";

function pattern(expression = "$^"): t.NamePattern {
  return t.PreventSyncPattern.fromRegex(expression);
}

/** A local manifest in the state of a case. */
function localManifest(state: FolderCase): t.LocalFolderManifest {
  return {
    type: "local_folder_manifest",
    base: folderManifest(state.base_children ?? state.remote_children),
    parent: parentId,
    needSync: state.need_sync ?? false,
    updated: instant(state.updated),
    children: childrenOf(state.local_children ?? state.children),
    localConfinementPoints: idsOf(state.local_confinement_points),
    remoteConfinementPoints: idsOf(state.remote_confinement_points),
    speculative: false,
  };
}

describe("confinement of folder children", () => {
  it.each(filesystem.folder_from_remote)("from remote: $title", (state) => {
    const manifest = t.localFolderManifestFromRemote(folderManifest(state.remote_children), pattern(state.pattern));
    expect(folderState(manifest)).toEqual(state.expected);
  });

  it.each(filesystem.folder_from_remote_restoring_local_confinement)("restoring: $title", (state) => {
    const manifest = t.localFolderManifestFromRemoteRestoringConfinement(
      folderManifest(state.remote_children),
      pattern(state.pattern),
      localManifest(state),
      instant(state.timestamp),
    );
    expect(folderState(manifest)).toEqual(state.expected);
  });

  it.each(filesystem.folder_to_remote.cases)("to remote: $title", (state) => {
    const local = { ...localManifest(state), updated: instant("t5") };
    const remote = t.localFolderManifestToRemote(local, author, instant("t9"));
    expect(remote).toEqual({
      ...folderManifest(state.expected_children),
      version: 4,
      timestamp: instant("t9"),
      updated: instant("t5"),
    });
  });

  it.each(filesystem.folder_evolve_children)("evolve: $title", (state) => {
    const own = pattern(state.pattern);
    const children = childrenOf(state.children);
    const confined = [...children].filter(([name]) => own.matches(name)).map(([, id]) => id);
    const before = { ...localManifest(state), localConfinementPoints: new Set(confined) };
    const copy = structuredClone(before);
    const manifest = t.evolveChildren(before, changesOf(state.changes), own, instant(state.timestamp));
    expect(folderState(manifest)).toEqual(state.expected);
    expect(before).toEqual(copy);
  });

  it.each(filesystem.folder_apply_prevent_sync_pattern)("apply pattern: $title", (state) => {
    const own = pattern(state.pattern);
    const manifest = t.applyPreventSyncPattern(localManifest(state), own, instant(state.timestamp));
    expect(folderState(manifest)).toEqual(state.expected);
    expect(t.applyPreventSyncPattern(manifest, own, instant("t9"))).toEqual(manifest);
  });

  it("has nothing to upload when an entry confined on both sides is confined no more", () => {
    const children = { "a.tmp": "e0000000-0000-4000-8000-00000000000a" };
    const ids = Object.values(children);
    const manifest = localManifest({
      title: "",
      base_children: children,
      local_children: children,
      local_confinement_points: ids,
      remote_confinement_points: ids,
    });
    expect(folderState(t.applyPreventSyncPattern(manifest, pattern(), instant("t9")))).toEqual({
      children,
      local_confinement_points: [],
      remote_confinement_points: [],
      need_sync: false,
      updated: "t1",
    });
  });

  it("keeps a new entry under the name of a remote one that becomes confined", () => {
    const [remote, local] = ["e0000000-0000-4000-8000-00000000000a", "e0000000-0000-4000-8000-00000000000b"];
    const manifest = localManifest({
      title: "",
      base_children: { "a.tmp": remote },
      local_children: { "a.tmp": local },
      need_sync: true,
    });
    expect(folderState(t.applyPreventSyncPattern(manifest, pattern("\\.tmp$"), instant("t9")))).toEqual({
      children: { "a.tmp": local },
      local_confinement_points: [local],
      remote_confinement_points: [remote],
      need_sync: true,
      updated: "t1",
    });
  });

  it("refuses changes that no user can ask for", () => {
    const manifest = localManifest({ title: "", children: { a: "e0000000-0000-4000-8000-00000000000a" } });
    const evolve = (changes: Readonly<Record<string, string | null>>) =>
      t.evolveChildren(manifest, changesOf(changes), pattern(), instant());
    expect(() => evolve({ b: null })).toThrow(BugError);
    expect(() => evolve({ b: "e0000000-0000-4000-8000-00000000000a" })).toThrow(BugError);
  });
});
