import { fromBase64, requireText, toBase64 } from "@parsec/base";

/** Which block of a PEM text. */
export type PemLabel = "PRIVATE KEY" | "PUBLIC KEY";

/** The bytes of the only block of that text, or `undefined` when the text is not one block of that label. */
export function decodePem(label: PemLabel, text: string): Uint8Array<ArrayBuffer> | undefined {
  requireText("pem", text);
  const match = new RegExp(`^\\s*-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]*)-----END ${label}-----\\s*$`).exec(text);
  return match?.[1] === undefined ? undefined : fromBase64(match[1].replace(/\s/g, ""));
}

/** 64 characters a line, lines end with LF, the last one too. */
export function encodePem(label: PemLabel, bytes: Uint8Array): string {
  const body = toBase64(bytes).replace(/.{1,64}/g, "$&\n");
  return `-----BEGIN ${label}-----\n${body}-----END ${label}-----\n`;
}
