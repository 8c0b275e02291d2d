/** How a backtracking search ended. */
export interface Backtracked<T> {
  readonly stepSize: number;
  readonly value: number;
  /** What was learned at the accepted point. */
  readonly at: T;
}

/** A point that a search tried: its value of the merit function, or what is not finite there. */
export interface MeritTrial<T> {
  readonly value: number;
  readonly at: T;
  readonly defect?: string;
}

/** Shorter steps are not tried. */
const LEAST_STEP = 1e-12;
/** Merit values closer than this share are the same: near a solution their difference is rounding. */
const ROUNDING = 1e-15;

/**
 * The first step 1, 1/2, 1/4, ... with  phi(step) <= phi(0) + share step slope  up to rounding. Trials that are not
 * finite are rejected.
 *
 * @returns the step; or, where none of at least 1e-12 will do, what was not finite at the last trial, if anything
 */
export async function backtrack<T>(
  start: number,
  slope: number,
  share: number,
  tryStep: (stepSize: number) => Promise<MeritTrial<T>>,
): Promise<Backtracked<T> | { readonly failed: true; readonly defect: string | undefined }> {
  const highest = start + ROUNDING * Math.abs(start);
  let defect: string | undefined;
  for (let stepSize = 1; stepSize >= LEAST_STEP; stepSize /= 2) {
    const { value, at, defect: found } = await tryStep(stepSize);
    defect = found;
    if (found === undefined && value <= highest + share * stepSize * slope) return { stepSize, value, at };
  }
  return { failed: true, defect };
}
