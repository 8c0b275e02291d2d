import { fittingPlans, sizeOf } from "./fitting-cases.ts";
import { fittingFamilies, fittingProblems } from "./fitting-sizes.ts";
import type { CaseResult } from "./measure.ts";
import { ratio, spread } from "./statistics.ts";

/** gradus over its best peer, over all sizes of a family. */
export interface SizeSummary {
  readonly what: string;
  readonly atMost: number;
  readonly sizes: number;
  readonly median: number;
  readonly worst: number;
  /** The size with the worst ratio. */
  readonly worstAt: string;
}

/** Who is fastest by the median, of those with one of the labels. */
function fastest({ timings }: CaseResult, labels: readonly string[]) {
  return timings
    .filter(({ label }) => labels.includes(label))
    .toSorted((a, b) => spread(a.seconds).median - spread(b.seconds).median)
    .at(0);
}

/** The median and the worst ratio of every budget over the sizes that were run. */
export function sizeSummaries(results: readonly CaseResult[]): SizeSummary[] {
  return fittingFamilies.flatMap((family) => {
    const { title, budgets } = fittingPlans[family];
    return budgets.flatMap(({ what, against, ours, atMost }) => {
      const ratios = fittingProblems(family).flatMap((problem) => {
        const result = results.find(({ id }) => id === problem.name);
        const own = result && fastest(result, ours);
        const peer = result && fastest(result, against);
        if (!own || !peer) return [];
        return [{ at: sizeOf(problem), value: ratio(own.seconds, peer.seconds).median }];
      });
      if (ratios.length === 0) return [];
      const worst = ratios.reduce((most, one) => (one.value > most.value ? one : most));
      return {
        what: `${title}: gradus / ${what}`,
        atMost,
        sizes: ratios.length,
        median: spread(ratios.map(({ value }) => value)).median,
        worst: worst.value,
        worstAt: worst.at,
      };
    });
  });
}
