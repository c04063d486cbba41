// Which package may import which: the import table of docs/architecture.md.
// "May import" is transitive: a package may import those named here and all that these may import.
const mayImport = {
  base: [],
  crypto: ["base"],
  types: ["crypto"],
  protocol: ["types"],
  connection: ["protocol"],
  device: ["connection"],
  storage: ["types"],
  account: ["device"],
  client: ["account", "storage"],
  server: ["protocol"],
  cli: ["client", "server"],
};

const nodeOnly = ["server", "cli"];
const nativeModules = ["better-sqlite3", "sodium-native", "undici"];

/**
 * @param {string} name
 * @returns {string[]}
 */
function reachable(name) {
  const direct = mayImport[/** @type {keyof typeof mayImport} */ (name)];
  return [...new Set(direct.flatMap((other) => [other, ...reachable(other)]))];
}

const importTable = Object.keys(mayImport).map((name) => ({
  name: `import-table-${name}`,
  comment: `@parsec/${name} may import: ${reachable(name).join(", ") || "no other package"}.`,
  severity: "error",
  from: { path: `^packages/${name}/src/` },
  to: { path: "^packages/", pathNot: `^packages/(${[name, ...reachable(name)].join("|")})/` },
}));

export default {
  forbidden: [
    ...importTable,
    {
      name: "no-cycle",
      comment: "Files that need each other are one idea, or a third one is missing.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-type-cycle",
      comment:
        "A port's type lives in its own file. In the client alone a context's type names the services that get it.",
      severity: "error",
      from: { pathNot: "^packages/client/src/" },
      to: { circular: true },
    },
    {
      name: "no-deep-import",
      comment: "Another package is its public surface, src/index.ts, and nothing else.",
      severity: "error",
      from: { path: "^packages/([^/]+)/" },
      to: { path: "^packages/[^/]+/", pathNot: "^packages/($1/|[^/]+/src/index\\.ts$)" },
    },
    {
      name: "no-deep-import-from-outside",
      comment: "Tests, examples and benchmarks import packages by name, through their public surface.",
      severity: "error",
      from: { path: "^(test|examples|bench)/" },
      to: { path: "^packages/[^/]+/", pathNot: "^packages/[^/]+/(?:src/index\\.ts$|(?:test/support|conformance)/)" },
    },
    {
      name: "no-relative-import-of-a-package",
      comment:
        "Another package is imported by its name; only the support files of its tests and its conformance suite have none.",
      severity: "error",
      from: { path: "^(?:packages/([^/]+)|test|examples|bench)/" },
      to: {
        path: "^packages/",
        pathNot: "^packages/(?:$1/|[^/]+/(?:test/support|conformance)/)",
        dependencyTypes: ["local"],
      },
    },
    {
      name: "no-node-builtin",
      comment: "Node's modules are imported in src/node/ only, and in the packages that run on Node alone.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: `^packages/(?:(?:${nodeOnly.join("|")})/|[^/]+/src/node/)` },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "no-node-package",
      comment: "Packages that run on Node alone are imported in src/node/ only.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: `^packages/(?:(?:${nodeOnly.join("|")})/|[^/]+/src/node/)` },
      to: { path: `node_modules/(?:${nativeModules.join("|")})/` },
    },
    {
      name: "platform-by-condition",
      comment: "Shared files reach a platform through #platform, never by the path of one of its files.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: "/src/(?:node|web)/" },
      to: { path: "/src/(?:node|web)/", pathNot: "/src/node/platform\\.ts$" },
    },
    {
      name: "platform-apart",
      comment: "The two platforms share code above them, not beside them.",
      severity: "error",
      from: { path: "/src/(node|web)/" },
      to: { path: "^packages/[^/]+/src/(?:node|web)/", pathNot: "/src/$1/" },
    },
    {
      name: "no-test-in-source",
      comment: "Sources do not import tests, scripts, examples or benchmarks.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/" },
      to: { path: "^(?:test|scripts|examples|bench)/|^packages/[^/]+/test/" },
    },
    {
      name: "no-dev-dependency",
      comment: "What a source imports is a dependency of its package, or a peer that its tests install.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only", "npm-peer"] },
    },
    {
      name: "resolvable",
      comment: "Every import leads to a file.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/dist/|^[.]cache/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@parsec/source", "import", "node", "default"],
    },
  },
};
