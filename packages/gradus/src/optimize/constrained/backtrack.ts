import { armijoTrials, checkArmijo } from "../line-search/armijo.ts";

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
 * Armijo's backtracking 1, 1/2, 1/4, ... on a merit function. Trials that are not finite are rejected.
 *
 * @param value phi(0), and phi'(0) as `slope`
 * @returns the step; or, where none of at least 1e-12 will do, what was not finite at the last trial, if anything
 */
export async function backtrack<T>(
  value: number,
  slope: number,
  sufficientDecrease: number,
  tryStep: (stepSize: number) => Promise<MeritTrial<T>>,
): Promise<Backtracked<T> | { readonly failed: true; readonly defect: string | undefined }> {
  const options = checkArmijo({ sufficientDecrease, minimalStep: LEAST_STEP, valueTolerance: ROUNDING });
  const search = armijoTrials({ value, slope }, options);
  let last: (Backtracked<T> & { readonly defect: string | undefined }) | undefined;
  let next = search.next();
  while (!next.done) {
    const stepSize = next.value;
    const { value: found, at, defect } = await tryStep(stepSize);
    last = { stepSize, value: found, at, defect };
    next = search.next({ value: defect === undefined ? found : Number.NaN, slope: Number.NaN });
  }
  if (last === undefined || next.value !== "accept") return { failed: true, defect: last?.defect };
  return { stepSize: last.stepSize, value: last.value, at: last.at };
}
