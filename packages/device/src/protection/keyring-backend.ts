/** The secrets that an operating system keeps for its user. Methods may reject with any error. */
export interface KeyringBackend {
  /** `undefined` when there is no such entry. */
  get(service: string, user: string): Promise<string | undefined>;
  /** Creates or replaces an entry. */
  set(service: string, user: string, secret: string): Promise<void>;
}

/** A keyring in the memory of this process, for tests and demonstrations. */
export function memoryKeyring(): KeyringBackend {
  const secrets = new Map<string, string>();
  const key = (service: string, user: string) => JSON.stringify([service, user]);
  return {
    get: async (service, user) => secrets.get(key(service, user)),
    set: async (service, user, secret) => {
      secrets.set(key(service, user), secret);
    },
  };
}
