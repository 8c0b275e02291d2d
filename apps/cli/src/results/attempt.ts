/** What became of files that a run is also written to. */
export interface Attempt {
  /** Lines on what was written. */
  readonly lines: readonly string[];
  /** Why something could not be written. */
  readonly failure?: Error;
}

/** Writes files, and keeps the failure for later: a run that was measured is saved first. */
export async function attempt(write: () => Promise<readonly string[]>): Promise<Attempt> {
  try {
    return { lines: await write() };
  } catch (cause) {
    return { lines: [], failure: cause instanceof Error ? cause : new Error(String(cause)) };
  }
}

/** Throws the first of the failures. */
export function throwFailure(attempts: readonly Attempt[]): void {
  for (const { failure } of attempts) if (failure) throw failure;
}
