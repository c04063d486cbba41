import { describe, expect, it } from "vitest";
import {
  apiVersion,
  compareApiVersions,
  formatApiVersion,
  formatSupportedApiVersions,
  negotiateApiVersion,
  parseApiVersion,
  parseSupportedApiVersions,
} from "../src/index.ts";
import { readVectors } from "./support/vectors.ts";

type Pair = readonly [number, number];
interface Vectors {
  readonly api_version: {
    readonly parse: readonly { text: string; version: Pair | null }[];
    readonly settle_against_server_5_6: readonly { client: string; http: number }[];
    readonly supported_api_versions_header: readonly { header: string | null; parsed: readonly Pair[] | null }[];
  };
}

const vectors = readVectors<Vectors>("protocol.json").api_version;
const version = ([major, revision]: Pair) => ({ major, revision });

describe("API versions", () => {
  it.each(vectors.parse)("parses $text", ({ text, version: expected }) => {
    expect(parseApiVersion(text)).toEqual(expected === null ? undefined : version(expected));
  });

  it.each(vectors.settle_against_server_5_6)("settles with a client of $client", ({ client, http }) => {
    const found = negotiateApiVersion(parseApiVersion(client) ?? expect.unreachable(), [apiVersion]);
    expect(found).toEqual(http === 200 ? apiVersion : undefined);
  });

  it.each(vectors.supported_api_versions_header.filter(({ header }) => header !== null))(
    "reads the header $header",
    ({ header, parsed }) => {
      expect(parseSupportedApiVersions(header ?? "")).toEqual(parsed?.map(version));
    },
  );

  it("writes what it reads, and orders by major, then revision", () => {
    expect(formatApiVersion(apiVersion)).toBe("5.6");
    expect(formatSupportedApiVersions([{ major: 8, revision: 1 }, apiVersion])).toBe("8.1;5.6");
    expect(compareApiVersions({ major: 5, revision: 10 }, { major: 5, revision: 9 })).toBeGreaterThan(0);
    expect(compareApiVersions({ major: 4, revision: 10 }, { major: 5, revision: 0 })).toBeLessThan(0);
  });
});
