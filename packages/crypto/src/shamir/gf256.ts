/** x^8 + x^4 + x^3 + x^2 + 1 (spec 01 §12); not the polynomial of AES. */
const polynomial = 0x11d;

/** Product in GF(2^8), without tables or branches that would tell the operands by their timing. */
export function multiply(a: number, b: number): number {
  let product = 0;
  let factor = a;
  for (let bit = 0; bit < 8; bit += 1) {
    product ^= factor & -((b >> bit) & 1);
    factor = (factor << 1) ^ (polynomial & -(factor >> 7));
  }
  return product;
}

/** a^254, the inverse; 0 for 0. */
export function invert(a: number): number {
  let result = 1;
  let power = a;
  // 254 = 0b11111110: every power of two but the first.
  for (let bit = 1; bit < 8; bit += 1) {
    power = multiply(power, power);
    result = multiply(result, power);
  }
  return result;
}

/** Value at `x` of the polynomial with these coefficients, the highest degree first. */
export function evaluate(coefficients: Iterable<number>, x: number): number {
  let value = 0;
  for (const coefficient of coefficients) value = multiply(value, x) ^ coefficient;
  return value;
}
