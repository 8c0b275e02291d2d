import { sharpness } from "gradus/curvature";
import { type ExperimentContext, type ExperimentRun, progress, table } from "../experiment.ts";
import { type Descent, descend, type Minimum, type Run, runsTable } from "./descend.ts";
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

/** Where the runs of a plan ended. */
export interface RateRuns {
  readonly runs: readonly Run[];
  /** The minima of a method at a learning rate, a seed each. */
  at(method: string, rate: number): Minimum[];
  /** The ratio of a measure between two lists of minima, seed by seed. */
  ratios(of: "error" | "norm", above: readonly Minimum[], below: readonly Minimum[]): number[];
}

/** Trains by both methods at every learning rate and seed, showing each minimum as it is found. */
export async function* runRates(
  { problem, rates, steps, training, seeds, panel }: RatePlan,
  { seed, signal, stage }: Pick<ExperimentContext<unknown>, "seed" | "signal" | "stage">,
): ExperimentRun<RateRuns> {
  const { regression, start } = problem(seed);
  yield* edgeLines(rates, panel, sharpness({ gram: regression.gram(start) }).trace);
  const each = Array.from({ length: seeds }, (_, k) => seed + k);
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
    runs.push(run);
    yield* runPoints(run, panel);
  }
  yield table(runsTable(runs, panel.norm));
  yield progress(1, "done");
  return {
    runs,
    at: (method, rate) =>
      runs.filter((run) => run.method === method && run.rate === rate).map(({ minimum }) => minimum),
    ratios: (of, above, below) => above.map((minimum, k) => minimum[of] / below[k][of]),
  };
}
