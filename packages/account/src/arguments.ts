import { requireArgument, requireMethods, requireObject, requireSignal, requireText } from "@parsec/base";

// What callers may get wrong in plain JavaScript. Each throws an InvalidArgumentError that names the argument.

/** The last parameter of every operation: an object with an optional `signal`. */
export function requireOptions(options: unknown): void {
  requireObject("options", options);
  requireSignal("options.signal", Reflect.get(options, "signal"));
}

export function requireServer(server: unknown): void {
  requireObject("server", server);
  requireObject("server.address", Reflect.get(server, "address"));
  requireMethods("server.transport", Reflect.get(server, "transport"), "a transport", "request");
}

export function requireEmail(email: unknown): void {
  requireText("email", email, { filled: true });
}

export function requireCode(code: unknown): void {
  requireText("code", code);
}

/** A password, empty or not given, is none; as bytes it can be wiped by its owner. */
export function requirePassword(argument: string, password: unknown): void {
  const isPassword = (typeof password === "string" || password instanceof Uint8Array) && password.length > 0;
  requireArgument(argument, password, "a password that is not empty, as text or bytes", isPassword);
}

export function requireMasterSecret(argument: string, masterSecret: unknown): void {
  requireMethods(argument, masterSecret, "a master secret", "destroy");
}

/** A password or a master secret. */
export function requireCredentials(credentials: unknown): void {
  requireObject("credentials", credentials);
  if ("masterSecret" in credentials) requireMasterSecret("credentials.masterSecret", credentials.masterSecret);
  else requirePassword("credentials.password", Reflect.get(credentials, "password"));
}

export function requireId(argument: string, id: unknown): void {
  const isId = typeof id === "string" && /^[0-9a-f]{32}$/.test(id);
  requireArgument(argument, id, "an id of 32 hexadecimal digits", isId);
}
