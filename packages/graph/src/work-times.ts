/** The programs compiled and run by this thread, and the time spent on them. */
export interface WorkTimes {
  /** Number of programs compiled. */
  readonly programs: number;
  /** Milliseconds spent tracing, differentiating, emitting and loading them. */
  readonly compiling: number;
  /** Number of runs. */
  readonly runs: number;
  /** Milliseconds spent in runs; concurrent runs count separately. */
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

/** The programs compiled and run by this thread so far, and the time spent on them. */
export function workTimes(): WorkTimes {
  return { ...spent };
}
