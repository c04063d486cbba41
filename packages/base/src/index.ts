export { type JoinedSignals, joinSignals, onAbort, orAbort, throwIfAborted } from "./abort.ts";
export {
  InvalidArgumentError,
  requireArgument,
  requireBytes,
  requireFunction,
  requireMethods,
  requireNatural,
  requireObject,
  requireSignal,
  requireText,
} from "./argument.ts";
export { type Base64Form, fromBase64, toBase64 } from "./base64.ts";
export { breathe } from "./breathe.ts";
export { ByteCollector, concatBytes, equalBytes, fromHex, joinBytes, toHex, utf8 } from "./bytes.ts";
export { type Clock, delay, IncreasingClock, maxAheadMicros, SettableClock, systemClock, type Timer } from "./clock.ts";
export { type DiagnosticEvent, type Diagnostics, noDiagnostics } from "./diagnostics.ts";
export { BugError, hasCode, ParsecError, type ParsecErrorOptions } from "./error.ts";
export { callListener } from "./listener.ts";
export { KeyedMutex, Mutex, Semaphore } from "./lock.ts";
export { NativeModuleMissingError } from "./native-module.ts";
export { forEachConcurrently } from "./pool.ts";
export type { OperationOptions, Progress } from "./progress.ts";
export { type RandomSource, randomBytes, systemRandom } from "./random.ts";
