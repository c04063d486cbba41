/** Every method of `target`, called through `around` with the method's name and what remains to be done. */
export function guard<T extends object>(
  target: T,
  around: (method: string, call: (args: unknown[]) => Promise<unknown>, args: unknown[]) => Promise<unknown>,
): T {
  return new Proxy(target, {
    get: (_, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      const call = async (args: unknown[]): Promise<unknown> => Reflect.apply(method, target, args);
      return (...args: unknown[]) => around(String(name), call, args);
    },
  });
}
