const format = /^(\d{4})-(\d{1,2})-(\d{1,2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** Microseconds since the epoch of an RFC 3339 text; `undefined` when it is not one (spec 03 §7). */
export function parseRfc3339(text: string): bigint | undefined {
  const match = format.exec(text);
  if (match === null) return undefined;
  const part = (group: number) => Number(match[group] ?? 0);
  const offsetMinutes = (match[8] === "-" ? -1 : 1) * (part(9) * 60 + part(10));
  const inDay = part(4) < 24 && part(5) < 60 && part(6) < 60;
  if (!inDay || part(9) >= 24 || part(10) >= 60) return undefined;
  const day = dayStart(part(1), part(2), part(3));
  if (day === undefined) return undefined;
  const seconds = day / 1000 + part(4) * 3600 + (part(5) - offsetMinutes) * 60 + part(6);
  const fraction = (match[7] ?? "").slice(0, 6).padEnd(6, "0");
  return BigInt(seconds) * 1_000_000n + BigInt(fraction);
}

/** Milliseconds of the first instant of a day; `undefined` when the calendar has no such day. */
function dayStart(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined;
}

/** The UTC text of an instant in microseconds: no fraction when it is zero, 3 digits when they suffice, else 6. */
export function formatRfc3339(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  const fraction = micros - seconds * 1e6;
  const digits = String(fraction).padStart(6, "0");
  const shown = fraction === 0 ? "" : `.${digits.endsWith("000") ? digits.slice(0, 3) : digits}`;
  return `${new Date(seconds * 1000).toISOString().slice(0, -".000Z".length)}${shown}Z`;
}
