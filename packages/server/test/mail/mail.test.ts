import { DateTime, EmailAddress } from "@parsec/types";
import { expect, test } from "vitest";
import { renderHtml, renderText } from "../../src/mail/layout.ts";
import { type Message, messageBody } from "../../src/mail/messages.ts";
import { EmailRateLimiter } from "../../src/mail/rate-limit.ts";

const url = "https://parsec.example/redirect/Acme?a=claim_user&p=x";
const messages: readonly Message[] = [
  { about: "user_invitation", organization: "Acme", greeter: "<Zoé & co>", url },
  { about: "device_invitation", organization: "Acme", url },
  { about: "shamir_invitation", organization: "Acme", greeter: "Zoé", url },
  { about: "account_creation", code: "ABC234" },
  { about: "account_deletion", code: "ABC234" },
  { about: "account_recovery", code: "ABC234" },
  { about: "enrollment_accepted", organization: "Acme", user: "Bob", url },
  { about: "totp_reset", organization: "Acme", url },
];

test.each(messages)("$about, in English and French, as text and HTML", (message) => {
  for (const language of ["en", "fr"] as const) {
    const body = messageBody(message, language);
    const [text, html] = [renderText(body, language), renderHtml(body, language)];
    if ("code" in message) {
      expect(text.split("\n")).toContain(message.code);
      expect(html).toContain(`<pre id="code">${message.code}</pre>`);
    } else {
      expect(text.split("\n")).toContain(url);
      expect(html).toContain(`href="${url.replace("&", "&amp;")}"`);
    }
    expect(html).not.toContain("<Zoé");
    expect(html).toContain(`<html lang="${language}">`);
  }
  expect(messageBody(message, "en").subject).not.toBe(messageBody(message, "fr").subject);
});

test("the rate limit: a pause, a maximum an hour, by recipient and by address", () => {
  const limiter = new EmailRateLimiter();
  const at = (seconds: number) => DateTime.fromMicros(seconds * 1e6);
  const limit = { cooldown: 60, maxPerHour: 2 };
  const attempt = (seconds: number, name = "a", ip = "1") => {
    const email = EmailAddress.parse(`${name}@example.com`);
    return limiter.register({ on: at(seconds), email, ip }, limit);
  };
  expect(attempt(0)).toBeUndefined();
  expect(attempt(59)).toBe(at(60));
  expect(attempt(59, "b", "1")).toBe(at(60));
  expect(attempt(59, "b", "")).toBeUndefined();
  expect(attempt(60)).toBeUndefined();
  expect(attempt(200)).toBe(at(3600));
  expect(attempt(3600)).toBeUndefined();
});

test("the rate limit counts mailboxes, however they are written, and networks", () => {
  const limit = { cooldown: 60, maxPerHour: 0 };
  const on = DateTime.fromMicros(0);
  const isRefused = (first: readonly [string, string], second: readonly [string, string]) => {
    const limiter = new EmailRateLimiter();
    const [before, after] = [first, second].map(([email, ip]) =>
      limiter.register({ on, email: EmailAddress.parse(email), ip }, limit),
    );
    expect(before).toBeUndefined();
    return after !== undefined;
  };
  const alice = ["alice@example.com", ""] as const;
  for (const written of [
    "Alice@Example.COM",
    "alice+news@example.com",
    '"alice"@example.com',
    '"al\\ice"@example.com',
    " alice @example.com",
  ]) {
    expect(isRefused(alice, [written, ""]), written).toBe(true);
  }
  for (const other of ["bob@example.com", "alice@example.org", "+alice@example.com", "alicenews@example.com"]) {
    expect(isRefused(alice, [other, ""]), other).toBe(false);
  }
  const from = (ip: string) => [`person${ip.replaceAll(":", "-")}@example.com`, ip] as const;
  expect(isRefused(from("2001:db8::1"), from("2001:db8:0:0:ffff::2"))).toBe(true);
  expect(isRefused(from("2001:db8::1"), from("2001:db8:0:1::1"))).toBe(false);
  expect(isRefused(from("10.0.0.1"), from("10.0.0.2"))).toBe(false);
  expect(isRefused(from(""), ["bob@example.com", ""])).toBe(false);
});
