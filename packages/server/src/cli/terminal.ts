/** What the command line works with: the process, or a test. */
export interface Terminal {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  print(line: string): void;
  printError(line: string): void;
  /** Resolves when the user wants the server to stop. */
  readonly stopped: Promise<void>;
  /** Calls `reload` each time the user says that files have changed (SIGHUP). */
  onReload?(reload: () => void): void;
}
