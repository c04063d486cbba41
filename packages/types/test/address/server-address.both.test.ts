import { VerifyKey } from "@parsec/crypto";
import { describe, expect, it } from "vitest";
import {
  anonymousEndpoint,
  anonymousServerEndpoint,
  authenticatedAccountEndpoint,
  authenticatedEndpoint,
  formatAddress,
  invitedEndpoint,
  isSameAddress,
  OrganizationId,
  parseAddress,
  parseAnyAddress,
  serverAddress,
  toOrganizationAddress,
  toServerAddress,
} from "../../src/index.ts";

const invalidUrl = expect.objectContaining({ code: "INVALID_URL" });
const invitation = parseAddress(
  "invitation",
  "parsec3://h:1/Org%C3%A9?no_ssl=true&a=claim_user&p=xBCgAAAAAAAAAAAAAAAAAAAB",
);

describe("serverAddress", () => {
  it("has the default port when none is given, or the same", () => {
    expect(serverAddress("h")).toEqual({ kind: "server", hostname: "h", port: 443, useSsl: true });
    expect(serverAddress("h", { useSsl: false }).port).toBe(80);
    expect(formatAddress(serverAddress("h", { port: 443 }))).toBe("parsec3://h");
    expect(formatAddress(serverAddress("h", { port: 443, useSsl: false }))).toBe("parsec3://h:443?no_ssl=true");
    expect(isSameAddress(serverAddress("h", { port: 443 }), parseAddress("server", "parsec3://H:443"))).toBe(true);
  });

  it("replaces the hostname that the public server once had", () => {
    expect(serverAddress("saas-v3.parsec.cloud").hostname).toBe("app.parsec.cloud");
  });

  it.each(["", "a/b", "a?b", "a#b", "u@h", "a b", "::1", "1270.0.1", "a\\b"])("refuses the hostname %j", (hostname) => {
    expect(() => serverAddress(hostname)).toThrow(invalidUrl);
  });

  it.each([65_536, -1, 1.5, Number.NaN])("refuses the port %d", (port) => {
    expect(() => serverAddress("h", { port })).toThrow(invalidUrl);
  });
});

describe("conversions", () => {
  it("keep the place", () => {
    expect(toServerAddress(invitation)).toEqual(serverAddress("h", { port: 1, useSsl: false }));
    const rootVerifyKey = VerifyKey.fromBytes(new Uint8Array(32));
    const organization = toOrganizationAddress(invitation, rootVerifyKey);
    expect(organization.organizationId).toBe(OrganizationId.parse("Orgé"));
    expect(isSameAddress(parseAnyAddress(formatAddress(organization)), organization)).toBe(true);
  });
});

describe("endpoints", () => {
  const organization = toOrganizationAddress(invitation, VerifyKey.fromBytes(new Uint8Array(32)));

  it("are those of spec 03 §5.5", () => {
    expect(authenticatedEndpoint(organization)).toBe("http://h:1/authenticated/Org%C3%A9");
    expect(authenticatedEndpoint(organization, "events")).toBe("http://h:1/authenticated/Org%C3%A9/events");
    expect(authenticatedEndpoint(organization, "tos")).toBe("http://h:1/authenticated/Org%C3%A9/tos");
    expect(anonymousEndpoint(organization)).toBe("http://h:1/anonymous/Org%C3%A9");
    expect(invitedEndpoint(invitation)).toBe("http://h:1/invited/Org%C3%A9");
    expect(authenticatedAccountEndpoint(serverAddress("h"))).toBe("https://h/authenticated_account");
    expect(anonymousServerEndpoint(serverAddress("h"))).toBe("https://h/anonymous_server");
  });
});

describe("parseAnyAddress", () => {
  it.each(["", "dummy", "https://h/", "parsec3://h/a/b", "parsec3://h/Org", "parsec3://h/Org?a=claim_user"])(
    "refuses %j with one error",
    (text) => {
      expect(() => parseAnyAddress(text)).toThrow(invalidUrl);
    },
  );

  it("does not show the text in its error", () => {
    const text = "parsec3://h/Org?a=claim_user&p=xBCgAAAAAAAAAAAAAAAAAAAx";
    for (const parse of [parseAnyAddress, (each: string) => parseAddress("invitation", each)]) {
      try {
        parse(`${text}=`);
        expect.unreachable();
      } catch (error) {
        expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("AAAA");
      }
    }
  });
});
