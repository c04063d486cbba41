/** Tells an error reply from what a step of a command gives when all its checks pass. */
export function isReply<T extends object>(value: T): value is Extract<T, { readonly status: string }> {
  return "status" in value && typeof value.status === "string";
}
