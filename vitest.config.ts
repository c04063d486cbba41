import { createRequire } from "node:module";
import { join } from "node:path";
import { playwright } from "@vitest/browser-playwright";
import { defaultClientConditions, defaultServerConditions } from "vite";
import { configDefaults, defineConfig } from "vitest/config";
import { findChromium } from "./scripts/chromium.mjs";
import { testsUsePostgres } from "./scripts/postgres.mjs";
import { testsUseSwift } from "./scripts/swift.mjs";

// Without a Chromium of its own, the machine may have the one that Playwright downloads.
const chromium = findChromium();
const launchOptions = chromium === undefined ? {} : { executablePath: chromium };

// Tests read the sources: the condition that every package exports for this monorepo.
const source = "@parsec/source";
const everywhere = ["packages/*/test/**/*", "test/**/*", "examples/**/*"];
const exclude = [...configDefaults.exclude, "test/vectors/**"];
const named = (kind: string) => everywhere.map((path) => `${path}${kind}.test.ts`);

// Known before the first page: a dependency that vite discovers late reloads the page in the middle of a test.
const browserDependencies = [
  "@parsec/crypto > libsodium-wrappers-sumo",
  "@parsec/connection > eventsource-parser",
  "@parsec/storage > idb",
  "@parsec/device > otpauth",
  "@parsec/device > pkijs",
  "@parsec/device > uqr",
  "@msgpack/msgpack",
  "fast-check",
];

// Keys keep their bytes private: without this two different keys would be deeply equal.
const setupFiles = ["./test/support/key-equality.ts"];

// For what hangs: far above what any test needs, even on a busy machine.
const timeouts = { testTimeout: 60_000, hookTimeout: 60_000 };

const serverTests = "packages/server/test";
/** Tests of the server that are not about its store, or that choose it themselves. */
const ofNoStore = ["block-store/**", "cli/**", "mail/**", "sqlite/**", "http/slow-clients.test.ts"].map(
  (path) => `${serverTests}/${path}`,
);
const ofPostgres = `${serverTests}/postgres/**`;
/** Chooses SQLite itself where there is no PostgreSQL: once is enough. */
const ofDatabases = `${serverTests}/store/copy.test.ts`;
const ofSwift = `${serverTests}/swift/**`;

// The server's suite runs on each kind of store. PostgreSQL is started by the tests: where it is not installed, its
// project is left out, but never on a machine that says that it checks for all.
type StoreKind = "sqlite" | "postgres";
const storeKinds: readonly StoreKind[] = testsUsePostgres() ? ["sqlite", "postgres"] : ["sqlite"];

const stores = storeKinds.map((storeKind) => ({
  ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
  environments: { __vitest__: { resolve: { conditions: [source, ...defaultServerConditions] } } },
  test: {
    name: `server-${storeKind}`,
    environment: "node",
    setupFiles,
    globalSetup: ["./packages/server/test/support/stores-setup.ts"],
    provide: { storeKind },
    ...timeouts,
    include: [`${serverTests}/**/*.test.ts`],
    exclude: [...exclude, ofSwift, ...ofNoStore, ...(storeKind === "postgres" ? [] : [ofPostgres, ofDatabases])],
  },
}));

// As Node finds it: vite would take the build for bundlers, which Node cannot load, and has Node do the same for what that needs.
const s3 = createRequire(join(import.meta.dirname, "packages/server/package.json")).resolve("@aws-sdk/client-s3");
const plainConditions = [source, ...defaultServerConditions.filter((condition) => condition !== "module")];

// Block stores that are a service: an OpenStack Swift, started by the tests, under the same rule as PostgreSQL.
const services = ["server-swift"].filter(testsUseSwift).map((name) => ({
  resolve: { alias: { "@aws-sdk/client-s3": s3 } },
  ssr: { resolve: { conditions: plainConditions } },
  environments: { __vitest__: { resolve: { conditions: plainConditions } } },
  test: {
    name,
    environment: "node",
    setupFiles,
    globalSetup: ["./packages/server/test/support/stores-setup.ts", "./packages/server/test/support/swift-setup.ts"],
    provide: { storeKind: "memory" as const },
    ...timeouts,
    include: [ofSwift.replace("**", "**/*.test.ts")],
    // The metadata of that one is in PostgreSQL.
    exclude: testsUsePostgres() ? exclude : [...exclude, ofSwift.replace("**", "guide.test.ts")],
  },
}));

export default defineConfig({
  test: {
    projects: [
      ...stores,
      ...services,
      {
        ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
        environments: { __vitest__: { resolve: { conditions: [source, ...defaultServerConditions] } } },
        test: {
          name: "node",
          environment: "node",
          setupFiles,
          globalSetup: ["./packages/server/test/support/stores-setup.ts"],
          provide: { storeKind: "memory" as const },
          ...timeouts,
          include: named(""),
          exclude: [...exclude, "**/*.browser.test.ts", ofPostgres, ofSwift],
        },
      },
      {
        resolve: { conditions: [source, ...defaultClientConditions] },
        optimizeDeps: { include: browserDependencies },
        environments: { __vitest__: { resolve: { conditions: [source, ...defaultServerConditions] } } },
        test: {
          name: "chromium",
          setupFiles,
          globalSetup: ["./test/support/browser-servers.ts"],
          ...timeouts,
          include: [...named(".browser"), ...named(".both")],
          exclude,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
