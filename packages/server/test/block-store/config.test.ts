import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blockStoreLabel, parseBlockStore } from "../../src/block-store/config.ts";

const s3 = { kind: "s3", endpoint: null, region: "eu", bucket: "blocks", key: "K", secret: "S" };

test.each([
  [["MOCKED"], { kind: "memory" }],
  [["Mocked"], { kind: "memory" }],
  [["postgresql"], { kind: "database", dialect: "postgres" }],
  [["SQLITE"], { kind: "database", dialect: "sqlite" }],
  [["file:./blocks"], { kind: "file", path: "./blocks" }],
  [["file:/a:b\\\\c"], { kind: "file", path: "/a:b\\c" }],
  [["FILE:C:\\data"], { kind: "file", path: "C:\\data" }],
  [["s3::eu:blocks:K:S"], s3],
  [["S3:localhost\\:4566:eu:blocks:K:S"], { ...s3, endpoint: "https://localhost:4566" }],
  [["s3:http\\://localhost\\:4566/:eu:blocks:K:S"], { ...s3, endpoint: "http://localhost:4566" }],
  [["s3::eu:blocks:K:a\\:b\\\\c\\d"], { ...s3, secret: "a:b\\c\\d" }],
  // As the guide of version 2 writes it, for a shell that takes one backslash away.
  [["s3:localhost\\\\:4566:eu:blocks:K:S"], { ...s3, endpoint: "https://localhost:4566" }],
  [["s3:http\\\\://localhost\\\\:4566:eu:blocks:K:S"], { ...s3, endpoint: "http://localhost:4566" }],
  [
    ["swift:http\\://host\\:5000/v3:tenant:box:user:pass"],
    {
      kind: "swift",
      authUrl: "http://host:5000/v3",
      tenant: "tenant",
      container: "box",
      user: "user",
      password: "pass",
    },
  ],
  [
    ["raid1:1:file:b", "raid1:0:file:a"],
    {
      kind: "raid1",
      nodes: [
        { kind: "file", path: "a" },
        { kind: "file", path: "b" },
      ],
    },
  ],
  [
    ["RAID0:0:s3::eu:blocks:K:S", "RAID0:1:POSTGRESQL"],
    { kind: "raid0", nodes: [s3, { kind: "database", dialect: "postgres" }] },
  ],
  [
    ["raid1:0:raid5:0:file:a", "raid1:0:raid5:1:file:b", "raid1:0:raid5:2:file:c", "raid1:1:file:d"],
    {
      kind: "raid1",
      nodes: [
        { kind: "raid5", nodes: ["a", "b", "c"].map((path) => ({ kind: "file", path })) },
        { kind: "file", path: "d" },
      ],
    },
  ],
])("%j", (texts, config) => {
  expect(parseBlockStore(texts)).toEqual(config);
});

describe("refused, without a word of what is in it", () => {
  test.each([
    [[], /nothing is given/],
    [["nonsense:s3cr3t"], /begins with file:, s3:/],
    [[""], /begins with file:/],
    [["MOCKED:s3cr3t"], /nothing comes after MOCKED/],
    [["file:"], /file:DIR/],
    [["file"], /file:DIR/],
    [["s3::eu:blocks:K"], /s3:\[ENDPOINT\]:REGION:BUCKET:KEY:SECRET/],
    [["s3::eu:blocks:K:"], /its form is s3/],
    [["s3::eu::K:s3cr3t"], /its form is s3/],
    [["s3:localhost:4566:eu:blocks:K:s3cr3t"], /\\: for a colon/],
    [["s3:not a host:eu:blocks:K:s3cr3t"], /cannot be read/],
    [["swift::tenant:box:user:s3cr3t"], /its form is swift/],
    [["file:a", "file:b"], /only a RAID is given more than once/],
    [["raid1:0:file:a", "RAID1:1:file:b"], /written the same/],
    [["raid1:0:file:a", "raid0:1:file:b"], /one mode/],
    [["raid1:0:file:a", "file:b"], /one mode/],
    [["raid1:0:file:a", "raid1:2:file:b"], /without a gap/],
    [["raid1:0:file:a", "raid1:0:file:b"], /only a RAID is given more than once/],
    [["raid1:x:file:a"], /a number for each node/],
    [["raid1:00:file:a"], /a number for each node/],
    [["raid1"], /a number for each node/],
    [["raid1:0"], /begins with file:/],
    [["raid5:0:file:a", "raid5:1:file:b"], /three nodes/],
    [["raid1:0:MOCKED", "raid1:1:file:b"], /MOCKED cannot be/],
    [["raid1:0:file:a", "raid1:1:file:./b/../a"], /the same place/],
    [["raid1:0:POSTGRESQL", "raid1:1:raid0:0:postgresql"], /the same place/],
    [["raid1:0:s3::eu:blocks:K:s3cr3t", "raid1:1:s3::eu:blocks:L:s3cr3t"], /the same place/],
  ])("%j", (texts, message) => {
    const parse = () => parseBlockStore(texts);
    expect(parse).toThrow(expect.objectContaining({ code: "BAD_OPTION", message: expect.stringMatching(message) }));
    expect(parse).toThrow(expect.objectContaining({ message: expect.not.stringContaining("s3cr3t") }));
  });
});

test("any text is taken back from its escaped form", () => {
  const escape = (text: string) => text.replaceAll("\\", "\\\\").replaceAll(":", "\\:");
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1, unit: "binary" }), { minLength: 4, maxLength: 4 }), (parts) => {
      const [region, bucket, key, secret] = parts;
      const text = `s3::${parts.map(escape).join(":")}`;
      expect(parseBlockStore([text])).toEqual({ kind: "s3", endpoint: null, region, bucket, key, secret });
    }),
  );
});

test("any text at all is read or refused", () => {
  const piece = fc.constantFrom(":", "\\", "s3", "raid1", "raid5", "0", "1", "file", "swift", "a", " ", "\n");
  fc.assert(
    fc.property(
      fc.array(
        fc.array(piece).map((pieces) => pieces.join("")),
        { maxLength: 4 },
      ),
      (texts) => {
        try {
          blockStoreLabel(parseBlockStore(texts));
        } catch (error) {
          expect(error).toMatchObject({ code: "BAD_OPTION" });
        }
      },
    ),
  );
});

test("what may be shown has no secret", () => {
  const places = [
    "raid1:0:s3:host:eu:blocks:KEY:SECRET",
    "raid1:1:swift:host:tenant:box:USER:SECRET",
    "raid1:2:file:a",
  ];
  expect(blockStoreLabel(parseBlockStore(places))).toBe("RAID1(S3, SWIFT, file:a)");
});
