/**
 * What the SDK tells the application about its own running: never content, names or keys.
 * `area` is the package, `event` a fixed word, `fields` counts, sizes, codes and ids.
 */
export interface DiagnosticEvent {
  readonly area: string;
  readonly event: string;
  readonly fields?: Readonly<Record<string, string | number | boolean>>;
}

/** The diagnostics port: a function of the application. Without one nothing is told to anybody. */
export type Diagnostics = (event: DiagnosticEvent) => void;

export const noDiagnostics: Diagnostics = () => undefined;
