import type { ArrayValue } from "@gradus/graph";
import {
  type CurvatureOperator,
  type CurvatureRates,
  curvatureSchedule,
  drawBatch,
  type HeavyBallRateMode,
  lossHessianOperator,
} from "gradus/curvature";
import { iterates } from "gradus/iterate";
import { randomStream } from "gradus/random";
import { takeRows, type Values } from "gradus/tree";
import type { ExperimentContext, ExperimentEvent, ExperimentRun, Resumed, Show } from "../experiment.ts";
import { momentumSgd } from "./optimizers.ts";
import type { ClassifierProblem, Labeled } from "./problems.ts";
import { batchPlan, compileRuns, parametersOf, type Runs } from "./runs.ts";

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

export interface RaceOptions extends Pick<ExperimentContext<unknown>, "resumable" | "signal"> {
  readonly seed: number;
  /** Tells which share of the 16 runs is done. */
  readonly tell: (done: number) => ExperimentEvent;
  /** Called after each of the learner's updates, with all of them so far. */
  readonly show?: Show<readonly Update[]>;
}

/** The learner at one update. */
interface Learner {
  readonly runs: Runs;
  readonly updates: readonly Update[];
  /** Hessian-vector products. */
  readonly products: number;
}

/** How far the grid has come. */
interface GridState {
  /** Final losses of the runs that have ended. */
  readonly losses: readonly number[];
  /** Those under way, and the steps that they have made. */
  readonly runs: Runs | null;
  readonly step: number;
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

  /** The learner: an iterate for each update of the rates, with the steps that follow it. */
  function learn(
    { batchSize, every, mode, draws }: Block,
    plan: Int32Array,
    { seed, signal }: RaceOptions,
    resume?: Resumed,
  ) {
    const like = problem.start(seed);
    const stream = randomStream(seed).split("curvature batches");
    const steps = plan.length / batchSize;
    async function step({ runs, updates, products }: Learner, iteration: number): Promise<Learner> {
      const from = iteration * every;
      const parameters = parametersOf(runs, like, 0);
      const rates = updates.at(-1);
      const before = rates && { updates: iteration, rates };
      const schedule = curvatureSchedule({ mode, draws, seed, ...(before && { resume: before }) });
      const { rates: next } = await schedule.update(
        (draw) => {
          const chosen = drawBatch(stream.split(from).split(draw), rows, batchSize, { replacement: true });
          return H.at({ parameters, data: takeRows(data, chosen) });
        },
        { signal },
      );
      return {
        runs: await training.advance(runs, {
          plans: [plan.subarray(from * batchSize, Math.min(from + every, steps) * batchSize)],
          batchSize,
          rates: [next.learningRate],
          momenta: [next.momentum],
        }),
        updates: [...updates, { step: from, ...next }],
        products: products + schedule.products,
      };
    }
    return iterates(
      {
        start: (): Learner => ({ runs: training.start([like]), updates: [], products: 0 }),
        step,
        view: (learner, iteration) => ({ ...learner, done: iteration * every >= steps }),
      },
      { signal, resume },
    );
  }

  /** The grid: an iterate for each part of the steps of the runs side by side. */
  function runGrid(
    { batchSize, every }: Block,
    plan: Int32Array,
    { seed, signal }: RaceOptions,
    resume?: Resumed,
  ) {
    const steps = plan.length / batchSize;
    async function step({ losses, runs, step: from }: GridState): Promise<GridState> {
      const fixed = grid.slice(losses.length, losses.length + sideBySide);
      const to = Math.min(from + every, steps);
      const part = plan.subarray(from * batchSize, to * batchSize);
      const after = await training.advance(runs ?? training.start(fixed.map(() => problem.start(seed))), {
        plans: fixed.map(() => part),
        batchSize,
        rates: fixed.map(({ rate }) => rate),
        momenta: fixed.map(({ momentum }) => momentum),
      });
      if (to < steps) return { losses, runs: after, step: to };
      const ended = await training.lossesOf(after.parameters, fixed.length);
      return { losses: [...losses, ...ended], runs: null, step: 0 };
    }
    return iterates(
      {
        start: (): GridState => ({ losses: [], runs: null, step: 0 }),
        step,
        view: ({ losses, step }) => ({
          losses,
          ended: losses.length + (step / steps) * Math.min(sideBySide, grid.length - losses.length),
          done: losses.length === grid.length,
        }),
      },
      { signal, resume },
    );
  }

  return {
    /**
     * The learner against the grid, all from one start and on one stream of batches, drawn with replacement; inside a
     * stage.
     */
    async *race(block: Block, options: RaceOptions): ExperimentRun<Race> {
      const { seed, resumable, tell, show = () => [] } = options;
      const { batchSize, epochs, every } = block;
      const steps = Math.floor((epochs * rows) / batchSize);
      const plan = batchPlan(seed, rows, { batchSize, steps });
      const runners = 1 + grid.length;
      const { iterate: learner } = yield* resumable("learner", {
        method: (resume) => learn(block, plan, options, resume),
        kept: null,
        async *each({ iteration, updates }) {
          if (updates.length > 0) yield* show(updates);
          yield tell(Math.min(1, (iteration * every) / steps) / runners);
        },
      });
      const { iterate: fixed } = yield* resumable("grid", {
        method: (resume) => runGrid(block, plan, options, resume),
        kept: null,
        async *each({ ended }) {
          yield tell((1 + ended) / runners);
        },
      });
      const finite = (loss: number) => (Number.isFinite(loss) ? loss : Infinity);
      const losses = fixed.losses.map(finite);
      const loss = finite((await training.lossesOf(learner.runs.parameters, 1))[0]);
      const sorted = losses.toSorted((a, b) => a - b);
      return {
        loss,
        grid: losses,
        rank: 1 + losses.filter((other) => other < loss).length,
        ratio: loss / sorted[0],
        overMedian: loss / sorted[7],
        updates: learner.updates,
        steps,
        cost: (steps + 2 * learner.products) / steps,
      };
    },
    [Symbol.dispose]() {
      training[Symbol.dispose]();
      H.dispose();
    },
  };
}
