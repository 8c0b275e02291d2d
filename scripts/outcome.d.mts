export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}
export interface FileOutcome {
  readonly file: string;
  readonly project: string;
  readonly counts: Counts;
  /** The names of the tests that failed. */
  readonly failures: readonly string[];
}
export interface Outcome {
  readonly files: readonly FileOutcome[];
  /** Errors outside of tests. */
  readonly elsewhere: number;
}
/** What is looked at of a file that ran. */
export interface RunModule {
  readonly relativeModuleId: string;
  readonly project: { readonly name: string };
  readonly children: {
    allTests(): Iterable<{ readonly fullName: string; result(): { readonly state: string } }>;
  };
  state(): string;
}
export declare function outcomeOf(
  modules: readonly RunModule[],
  unhandledErrors: readonly unknown[],
): Outcome;
export declare function filesToTryAgain(outcome: Outcome): string[];
export declare function withSecondTry(first: Outcome, second: Outcome): Outcome;
export declare function passedLater(first: Outcome, second: Outcome): string[];
export declare function closingLine(outcome: Outcome): string;
