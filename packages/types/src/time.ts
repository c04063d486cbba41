import { type Clock, ParsecError } from "@parsec/base";
import type { Brand } from "./brand.ts";
import { type Codec, DecodeError, scalar } from "./codec/index.ts";
import { formatRfc3339, parseRfc3339 } from "./rfc3339.ts";

export class DateTimeError extends ParsecError<"INVALID_DATE_TIME"> {
  override readonly name: string = "DateTimeError";
}

/**
 * An instant in whole microseconds since 1970-01-01T00:00:00Z (spec 03 §7). Beyond 2^53 (year 2255) only the instants
 * that a `number` holds exactly exist: the others are refused, never rounded.
 */
export type DateTime = Brand<number, "DateTime">;

export interface DateTimeKind extends Codec<DateTime> {
  /** Microseconds since the epoch, a fraction is cut off. @throws DateTimeError outside the range */
  fromMicros(micros: number): DateTime;
  /** Seconds since the epoch; what is finer than a microsecond is cut off. @throws DateTimeError */
  fromSeconds(seconds: number): DateTime;
  /** Seconds with a fraction. `fromSeconds` gives the same instant back, up to the year 2255. */
  toSeconds(time: DateTime): number;
  /** Whole seconds, rounded down, as in bearer tokens. */
  toWholeSeconds(time: DateTime): number;
  now(clock: Clock): DateTime;
  /** RFC 3339 with a mandatory zone; digits after the microsecond are ignored. @throws DateTimeError */
  parseRfc3339(text: string): DateTime;
  /** `YYYY-MM-DDTHH:MM:SS[.fff|.ffffff]Z` */
  formatRfc3339(time: DateTime): string;
}

/** msgpack extension type of an instant (spec 02 §2): a signed big-endian integer of 64 bits. */
const extension = 1;
const extensionSize = 8;

/** The years −262143 to 262142, the calendar of the reference (spec 02 §2). */
const earliest = -8_334_601_228_800_000_000n;
const latest = 8_210_266_876_799_999_999n;

export const DateTime: DateTimeKind = {
  .../* @__PURE__ */ scalar<DateTime>(
    "DateTime",
    (writer, time) => {
      const payload = new Uint8Array(extensionSize);
      const view = new DataView(payload.buffer);
      const high = Math.floor(time / 2 ** 32);
      view.setInt32(0, high);
      view.setUint32(4, time - high * 2 ** 32);
      writer.ext(extension, payload);
    },
    (reader) => {
      const micros = reader.int64Ext(extension);
      if (typeof micros === "number") return micros as DateTime;
      if (micros < earliest || micros > latest) throw new DecodeError("the instant is out of range");
      const time = exact(micros);
      if (time === undefined) throw new DecodeError("the instant is beyond 2^53 and not exact as a number");
      return time;
    },
  ),
  fromMicros,
  fromSeconds: (seconds) => {
    const nearest = Math.round(seconds * 1e6);
    return fromMicros(nearest / 1e6 === seconds ? nearest : seconds * 1e6);
  },
  toSeconds: (time) => time / 1e6,
  toWholeSeconds: (time) => Math.floor(time / 1e6),
  now: (clock) => fromMicros(clock.now()),
  parseRfc3339: (text) => {
    const micros = parseRfc3339(text);
    const time = micros === undefined ? undefined : exact(micros);
    if (time === undefined) throw new DateTimeError("INVALID_DATE_TIME", "Expected YYYY-MM-DDTHH:MM:SS and a zone");
    return time;
  },
  formatRfc3339,
};

function fromMicros(micros: number): DateTime {
  const whole = Math.trunc(micros);
  if (!Number.isFinite(whole) || BigInt(whole) < earliest || BigInt(whole) > latest) {
    throw new DateTimeError("INVALID_DATE_TIME", "The instant is outside the supported calendar");
  }
  return (whole + 0) as DateTime;
}

function exact(micros: bigint): DateTime | undefined {
  const number = Number(micros);
  return BigInt(number) === micros ? (number as DateTime) : undefined;
}
