import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

// An array that is spread into the arguments of a call lies on the stack: with some 125,000 elements the call throws, and
// how many there are is what a peer, a folder or a file says. So arguments are not spread, but for those below.

const top = join(import.meta.dirname, "..");

/** Arrays whose length the code itself fixes, by file. */
const bounded: Readonly<Record<string, readonly string[]>> = {
  "packages/base/src/bytes.ts": ["codes"],
  "packages/client/src/arguments.ts": ["methods"],
  "packages/client/src/devices/resolve-prepared.ts": ["refusedAsKnown", "refusedAsUnknown", "repliedRefusals"],
  "packages/client/src/user-manifest/workspace-entries.ts": ["unreadableName"],
  "packages/crypto/src/sequester/der-writer.ts": ["derLength(size)"],
  "packages/crypto/src/sequester/pss-salt.ts": ["blocks"],
  "packages/crypto/src/sequester/rsa-key.ts": ["integers"],
  "packages/device/src/pki/oaep.ts": ["parts"],
  "packages/server/src/testbed/hostile/rule-request.ts": ["simpleKinds"],
  "packages/server/src/testbed/scws/controls.ts": ["serviceKinds"],
  "packages/server/src/store/sql/sqlite/binding.ts": ["parameters"],
  "packages/storage/src/node/sqlite/certificates.ts": ["values", "byFilter1"],
  "packages/types/src/certificates/certificate.ts": ["common", "realm", "shamir", "sequesterServices"],
};

function sources(): string[] {
  const packages = join(top, "packages");
  return readdirSync(packages).flatMap((name) =>
    readdirSync(join(packages, name, "src"), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.(ts|js)$/.test(path))
      .map((path) => join(packages, name, "src", path)),
  );
}

/** What is spread into the arguments of calls, but for the rest parameters that a function hands on. */
function spreadArguments(path: string): string[] {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node, restNames: ReadonlySet<string>): void => {
    let names = restNames;
    if (ts.isFunctionLike(node)) {
      const own = node.parameters.filter(({ dotDotDotToken }) => dotDotDotToken !== undefined);
      names = new Set([...restNames, ...own.map(({ name }) => name.getText())]);
    }
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const spread = (node.arguments ?? []).flatMap((each) =>
        ts.isSpreadElement(each) ? each.expression.getText() : [],
      );
      found.push(...spread.filter((text) => !names.has(text)));
    }
    ts.forEachChild(node, (child) => visit(child, names));
  };
  visit(file, new Set());
  return found;
}

test("no array of unknown length is spread into arguments", () => {
  const paths = sources();
  expect(paths.length).toBeGreaterThan(500);
  const violations = paths.flatMap((path) => {
    const name = relative(top, path).replaceAll("\\", "/");
    return spreadArguments(path)
      .filter((text) => bounded[name]?.includes(text) !== true)
      .map((text) => `${name}: ...${text}`);
  });
  expect(violations).toEqual([]);
});

test("nor is one applied", () => {
  const isApplied = /\b(?:Math\.\w+|String\.from\w+|\.push|\.concat|\.unshift)\.apply\(/;
  expect(sources().filter((path) => isApplied.test(readFileSync(path, "utf8")))).toEqual([]);
});
