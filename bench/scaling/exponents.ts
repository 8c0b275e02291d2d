import { logLogSlope, type PowerLaw } from "gradus/statistics";
import type { CaseResult, Timing } from "../measure.ts";
import { spread } from "../statistics.ts";
import type { Family } from "./family.ts";

/** An entrant's time at one size. */
export interface TimeAt {
  readonly size: number;
  readonly timing: Timing;
}

/** How an entrant's time grows. */
export interface Growth {
  readonly label: string;
  readonly times: readonly TimeAt[];
  /** time = constant size^slope through the medians; absent below three sizes. */
  readonly law?: PowerLaw;
}

/** The times of a family's entrants by size, and the power law that fits each best. */
export function growths({ cases }: Family, results: readonly CaseResult[]): Growth[] {
  const [first] = cases;
  return first.case.contenders.flatMap(({ label }) => {
    const times = cases.flatMap(({ size, case: { id } }) => {
      const timing = results.find((result) => result.id === id)?.timings.find((one) => one.label === label);
      return timing ? [{ size, timing }] : [];
    });
    if (times.length === 0) return [];
    if (times.length < 3) return [{ label, times }];
    const law = logLogSlope(
      times.map(({ size }) => size),
      times.map(({ timing }) => spread(timing.seconds).median),
    );
    return [{ label, times, law }];
  });
}
