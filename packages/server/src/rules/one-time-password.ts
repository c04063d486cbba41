import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { DateTime } from "@parsec/types";

/** Microseconds that a password is good for. */
const period = 30_000_000;
const secretSize = 20;

/** A new secret of a user's authenticator application. */
export function generateTotpSecret(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(randomBytes(secretSize));
}

/** RFC 6238 with HMAC-SHA1, 30 s, 6 digits; the previous and the next period count too (spec 08b §1.6). */
export function isValidOneTimePassword(secret: Uint8Array, password: string, now: DateTime): boolean {
  const counter = Math.floor(now / period);
  return [counter - 1, counter, counter + 1].some((each) => sameText(passwordAt(secret, each), password));
}

/** RFC 4226 §5.3. */
export function passwordAt(secret: Uint8Array, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac("sha1", secret).update(message).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
}

function sameText(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
