import { sharpness } from "gradus/curvature";
import type { ExperimentContext, ExperimentRun } from "../experiment.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { type Descent, descend, kept, type Minimum, type Run } from "./descend.ts";
import type { Problem } from "./problems.ts";
import { edgeLines, type NormPanel, runPoints } from "./sharpness-plots.ts";

/** SGD with single examples and gradient descent, at several learning rates and seeds. */
export interface RatePlan {
  /** Data and start of a seed. */
  problem(seed: number): Problem;
  readonly rates: { readonly sgd: readonly number[]; readonly gd: readonly number[] };
  /** Most steps of each method. */
  readonly steps: { readonly sgd: number; readonly gd: number };
  readonly training: Pick<Descent, "clip" | "tolerance">;
  /** Seeds from the experiment's on. */
  readonly seeds: number;
  readonly panel: NormPanel;
}

/** The minima of a method at a learning rate, one per seed. */
export function minimaAt(runs: readonly Run[], method: string, rate: number): Minimum[] {
  return runs.filter((run) => run.method === method && run.rate === rate).map(({ minimum }) => minimum);
}

/** The ratio of a measure between two lists of minima, seed by seed. */
export function ratios(of: "error" | "norm", above: readonly Minimum[], below: readonly Minimum[]): number[] {
  return above.map((minimum, k) => minimum[of] / below[k][of]);
}

/** Trains by both methods at every learning rate and seed, showing each minimum as it is found. */
export async function* runRates(
  { problem, rates, steps, training, seeds, panel }: RatePlan,
  { seed, signal, stage }: Pick<ExperimentContext<unknown>, "seed" | "signal" | "stage">,
): ExperimentRun<Run[]> {
  const each = repeatSeeds(seed, seeds);
  const { regression, start } = problem(each[0]);
  yield* edgeLines(rates, panel, sharpness({ gram: regression.gram(start) }).trace);
  const plan = each.flatMap((s) => [
    ...rates.sgd.map((rate) => ({ method: "SGD", rate, seed: s, batchSize: 1, steps: steps.sgd })),
    ...rates.gd.map((rate) => ({ method: "GD", rate, seed: s, batchSize: regression.n, steps: steps.gd })),
  ]);
  const runs: Run[] = [];
  for (const [k, { method, ...descent }] of plan.entries()) {
    const name = `${method}, η = ${descent.rate}, seed ${descent.seed}`;
    const minimum = yield* stage(name, async function* (): ExperimentRun<Minimum> {
      const found = yield* descend(
        problem(descent.seed),
        { ...descent, ...training },
        { signal, at: { fraction: k / plan.length, share: 1 / plan.length, name } },
      );
      return found.minimum;
    });
    const run = { method, rate: descent.rate, seed: descent.seed, minimum };
    runs.push({ ...run, minimum: kept(minimum) });
    yield* runPoints(run, panel);
  }
  return runs;
}
