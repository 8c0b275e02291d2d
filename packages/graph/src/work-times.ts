/** What this thread has spent in programs since it began: numbers of programs and runs, and their milliseconds. */
export interface WorkTimes {
  /** Programs traced, differentiated, emitted and loaded. */
  readonly programs: number;
  readonly compiling: number;
  readonly runs: number;
  /** Runs at the same time count each. */
  readonly running: number;
}

const spent = { programs: 0, compiling: 0, runs: 0, running: 0 };

/** Counts a program that was compiled. */
export function countProgram(milliseconds: number): void {
  spent.programs += 1;
  spent.compiling += milliseconds;
}

/** Counts a run. */
export function countRun(milliseconds: number): void {
  spent.runs += 1;
  spent.running += milliseconds;
}

/** What this thread has spent in programs so far: compiling them and running them. */
export function workTimes(): WorkTimes {
  return { ...spent };
}
