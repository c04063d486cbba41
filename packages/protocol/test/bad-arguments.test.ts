import { ready, SecretKey, SigningKey } from "@parsec/crypto";
import { AccountAuthMethodId, DateTime, DeviceId } from "@parsec/types";
import { beforeAll, describe, expect, it } from "vitest";
import {
  createAccountToken,
  createDeviceToken,
  interpretEvent,
  lastEventIdHeader,
  parseAccountToken,
  parseApiVersion,
  parseBearer,
  parseDeviceToken,
  parseInvitationToken,
  parseSupportedApiVersions,
} from "../src/index.ts";

beforeAll(() => ready());

type Loose = (...args: readonly unknown[]) => unknown;
const loose = (call: (...args: never[]) => unknown) => call as Loose;

const now = DateTime.fromSeconds(1_700_000_000);

describe("an argument of the wrong type", () => {
  it.each<[string, () => unknown]>([
    ["id", () => loose(createDeviceToken)(undefined, SigningKey.generate(), now)],
    ["id", () => loose(createDeviceToken)("", SigningKey.generate(), now)],
    ["signingKey", () => loose(createDeviceToken)(DeviceId.generate(), "key", now)],
    ["now", () => loose(createDeviceToken)(DeviceId.generate(), SigningKey.generate(), Number.NaN)],
    ["now", () => loose(createDeviceToken)(DeviceId.generate(), SigningKey.generate(), undefined)],
    ["macKey", () => loose(createAccountToken)(AccountAuthMethodId.generate(), undefined, now)],
    ["now", () => loose(createAccountToken)(AccountAuthMethodId.generate(), SecretKey.generate(), new Date())],
    ["text", () => loose(parseDeviceToken)(undefined)],
    ["text", () => loose(parseAccountToken)(5)],
    ["text", () => loose(parseInvitationToken)(null)],
    ["header", () => loose(parseBearer)(undefined)],
    ["text", () => loose(parseApiVersion)(5.6)],
    ["header", () => loose(parseSupportedApiVersions)(["5.6"])],
    ["id", () => loose(lastEventIdHeader)(undefined)],
    ["data", () => loose(interpretEvent)({})],
  ])("is refused by its name: %s", (argument, call) => {
    expect(call).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", argument }));
  });
});
