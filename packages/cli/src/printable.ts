/**
 * What a terminal could take for a command, or would show in another place than where it stands: control characters,
 * line separators, and marks that turn the direction of writing.
 */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

/** A line as it may be printed whoever chose the names in it: what is unsafe is shown as `\u{HEX}`. */
export function printable(line: string): string {
  return line.replace(unsafe, (symbol) => `\\u{${symbol.codePointAt(0)?.toString(16)}}`);
}

/** A value as one line of JSON that a terminal may show: what is unsafe stands there as JSON's own `\uHHHH`. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(unsafe, (symbol) => `\\u${symbol.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
