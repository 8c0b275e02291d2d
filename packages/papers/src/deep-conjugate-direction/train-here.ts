import { type ExperimentContext, type ExperimentEvent, type ExperimentRun, progress } from "../experiment.ts";
import type { TrainedNetwork } from "./networks.ts";
import { domainOf } from "./problems.ts";
import { type Recipe, train } from "./training.ts";

/** What the trainings of all experiments have in common: the shipped networks' recipe with twice their filters. */
const COMMON = { set: "Ritz mixtures", architecture: "64", filters: 16, learningRate: 1e-3 } as const;

/** What an experiment chooses. */
export interface TrainHere extends Omit<Recipe, keyof typeof COMMON> {
  /** Cells per side of the box, which has no obstacles. */
  readonly N: number;
  readonly dimension: 2 | 3;
  /** Shares of the experiment that are done before the training and after it. */
  readonly shares: readonly [before: number, after: number];
  readonly resumable: ExperimentContext<unknown>["resumable"];
  readonly signal: AbortSignal;
  /** What is drawn of the loss on the validation vectors. */
  readonly draw?: (steps: number, validation: number) => ExperimentEvent;
}

const MOST_LANCZOS_STEPS = 600;

/**
 * Lanczos steps for the training vectors of a square: 0.4 N^2, at most 600, and all where 600 would be more than there are.
 * Of each multiple eigenvalue, as the square has them by symmetry, a Krylov space holds one vector until rounding brings the
 * others: 102 steps on 16 x 16 cells leave half of the vectors out.
 */
export function lanczosStepsFor(N: number): number {
  const cells = N * N;
  return cells <= MOST_LANCZOS_STEPS ? cells : Math.min(MOST_LANCZOS_STEPS, Math.floor(0.4 * cells));
}

/** Trains a network in this run; of its iterates the one with the least loss on the validation vectors is returned. */
export async function* trainHere({
  N,
  dimension,
  shares: [before, after],
  resumable,
  signal,
  draw,
  ...chosen
}: TrainHere): ExperimentRun<TrainedNetwork> {
  const recipe = { ...COMMON, ...chosen };
  const none: [number, number | null, number][] = [];
  const { iterate, kept: history } = yield* resumable("training", {
    method: (resume) => train(domainOf("empty", N, 0, dimension), recipe, { resume, signal }),
    kept: none,
    async *each({ steps, loss = null, metrics }, history) {
      const validation = metrics?.loss ?? Number.NaN;
      history.push([steps, loss, validation]);
      if (draw) yield draw(steps, validation);
      const done = before + (after - before) * (steps / recipe.steps);
      yield progress(done, `${steps} steps of training on ${N} cells per side`);
    },
  });
  const { best } = iterate;
  if (!best) throw new Error("training gave no network");
  const { architecture, filters } = recipe;
  return { architecture, filters, parameters: best.iterate.parameters, history };
}
