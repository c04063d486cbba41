import { ParsecError, type ParsecErrorOptions } from "./error.ts";

/** An optional native module is needed and is absent, or does not load on this machine. */
export class NativeModuleMissingError extends ParsecError<"NATIVE_MODULE_MISSING"> {
  override readonly name: string = "NativeModuleMissingError";
  /** The npm package to install. */
  readonly module: string;

  constructor(module: string, options: ParsecErrorOptions = {}) {
    super(
      "NATIVE_MODULE_MISSING",
      `The optional package ${module} does not load: install it (npm install ${module})`,
      options,
    );
    this.module = module;
  }
}
