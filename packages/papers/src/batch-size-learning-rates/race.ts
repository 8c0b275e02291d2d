import type { ArrayValue } from "@gradus/graph";
import {
  type CurvatureOperator,
  type CurvatureRates,
  curvatureSchedule,
  drawBatch,
  type HeavyBallRateMode,
  lossHessianOperator,
} from "gradus/curvature";
import { randomStream } from "gradus/random";
import { takeRows, type Values } from "gradus/tree";
import type { ExperimentRun, Show } from "../experiment.ts";
import { momentumSgd } from "./optimizers.ts";
import type { ClassifierProblem, Labeled } from "./problems.ts";
import { batchPlan, compileRuns, parametersOf } from "./runs.ts";

/** Fixed rates and momenta that the learner runs against. */
export const grid = [0.01, 0.03, 0.1, 0.3, 1].flatMap((rate) =>
  [0, 0.5, 0.9].map((momentum) => ({ rate, momentum })),
);

/** One setting of the learner and the length of training. */
export interface Block {
  readonly batchSize: number;
  readonly epochs: number;
  /** Steps from one update of the rates to the next. */
  readonly every: number;
  readonly mode: HeavyBallRateMode;
  readonly draws: number;
}

/** The rates at one update. */
export interface Update extends CurvatureRates {
  readonly step: number;
}

export interface RaceOptions {
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Called after each of the learner's updates, with all of them so far. */
  readonly show?: Show<readonly Update[]>;
}

/** The learner's result. */
interface Learned {
  readonly loss: number;
  readonly updates: readonly Update[];
  /** Hessian-vector products. */
  readonly products: number;
  readonly steps: number;
}

/** The result of one seed's race. */
export interface Race {
  /** Final training loss of the learner and of every run of the grid; infinite where not finite. */
  readonly loss: number;
  readonly grid: readonly number[];
  /** 1 for the best of the 16. */
  readonly rank: number;
  /** Loss over the best of the grid. */
  readonly ratio: number;
  /** Loss over the median of the grid. */
  readonly overMedian: number;
  readonly updates: readonly Update[];
  readonly steps: number;
  /** Gradients of the learner, a Hessian-vector product counting two, over those of a plain run. */
  readonly cost: number;
}

/**
 * What every race of a problem shares: the compiled training and the compiled Hessian. `sideBySide` runs of the grid
 * train at once: small networks are faster together, convolutions with separate weights are slower.
 */
export async function compileRaces<P extends Values>(
  problem: ClassifierProblem<P>,
  { sideBySide = grid.length }: { readonly sideBySide?: number } = {},
) {
  type Data = Labeled<ArrayValue>;
  const { loss, data, rows } = problem;
  const training = await compileRuns(problem, momentumSgd);
  const H: CurvatureOperator<P, Data> = await lossHessianOperator<P, Data>({
    loss,
    data,
    parameters: problem.start(0),
  });

  async function* learn(
    { batchSize, every, mode, draws }: Block,
    plan: Int32Array,
    { seed, signal, show = () => [] }: RaceOptions,
  ): ExperimentRun<Learned> {
    const like = problem.start(seed);
    const stream = randomStream(seed).split("curvature batches");
    const schedule = curvatureSchedule({ mode, draws, seed });
    const updates: Update[] = [];
    const steps = plan.length / batchSize;
    let [runs, final] = [training.start([like]), Number.NaN];
    for (let step = 0; step < steps; step += every) {
      signal.throwIfAborted();
      const parameters = parametersOf(runs, like, 0);
      const { rates } = await schedule.update(
        (draw) => {
          const chosen = drawBatch(stream.split(step).split(draw), rows, batchSize, { replacement: true });
          return H.at({ parameters, data: takeRows(data, chosen) });
        },
        { signal },
      );
      updates.push({ step, ...rates });
      yield* show(updates);
      const part = plan.subarray(step * batchSize, Math.min(step + every, steps) * batchSize);
      const next = await training.run(runs, {
        plans: [part],
        batchSize,
        rates: [rates.learningRate],
        momenta: [rates.momentum],
      });
      runs = next.runs;
      final = next.losses[0];
    }
    return { loss: final, updates, products: schedule.products, steps };
  }

  return {
    /** The learner against the grid, all from one start and on one stream of batches, drawn with replacement. */
    async *race(block: Block, options: RaceOptions): ExperimentRun<Race> {
      const { seed, signal } = options;
      const { batchSize, epochs } = block;
      const steps = Math.floor((epochs * rows) / batchSize);
      const plan = batchPlan(seed, rows, { batchSize, steps });
      const train = (fixed: typeof grid) =>
        training.run(training.start(fixed.map(() => problem.start(seed))), {
          plans: fixed.map(() => plan),
          batchSize,
          rates: fixed.map(({ rate }) => rate),
          momenta: fixed.map(({ momentum }) => momentum),
        });
      const result = yield* learn(block, plan, options);
      const fixed: number[] = [];
      for (let from = 0; from < grid.length; from += sideBySide) {
        signal.throwIfAborted();
        const { losses } = await train(grid.slice(from, from + sideBySide));
        fixed.push(...losses.map((loss) => (Number.isFinite(loss) ? loss : Infinity)));
      }
      const loss = Number.isFinite(result.loss) ? result.loss : Infinity;
      const sorted = fixed.toSorted((a, b) => a - b);
      return {
        loss,
        grid: fixed,
        rank: 1 + fixed.filter((other) => other < loss).length,
        ratio: loss / sorted[0],
        overMedian: loss / sorted[7],
        updates: result.updates,
        steps,
        cost: (steps + 2 * result.products) / steps,
      };
    },
    [Symbol.dispose]() {
      training[Symbol.dispose]();
      H.dispose();
    },
  };
}
