/** Longer ones are refused: the query parameters come on top. */
const longest = 2048;

/**
 * The address of a webhook as an operator gives it; `undefined` for one that could never be called: not HTTP, or with a
 * name and password, which requests do not take from an address.
 */
export function parseWebhookUrl(text: string): URL | undefined {
  if (text.length > longest || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isHttp = url.protocol === "http:" || url.protocol === "https:";
  return isHttp && url.username === "" && url.password === "" ? url : undefined;
}
