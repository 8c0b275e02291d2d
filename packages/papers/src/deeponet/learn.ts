import { array, compile, f32, floatData, specsOf } from "@gradus/graph";
import {
  type BestOperator,
  type GeneratedOperatorData,
  type OperatorData,
  type OperatorErrors,
  type OperatorNetwork,
  type TrainOperatorOptions,
  trainOperator,
} from "gradus/operators";
import type { AsTensors, Values, ValuesOf } from "gradus/tree";
import {
  type ExperimentContext,
  type ExperimentEvent,
  type ExperimentRun,
  points,
  progress,
  replaceCurve,
} from "../experiment.ts";
import { linePlot, logAxis } from "../shared/plots.ts";

type Checkpoints = (OperatorErrors & { readonly test: number })[];

/** What training found, as numbers. */
export interface Learned {
  /** Mean squared errors at the checkpoint with the lowest training error. */
  readonly train: number;
  readonly test: number;
  /** Errors at all checkpoints. */
  readonly path: Readonly<Checkpoints>;
}

/** Functions and locations at which a network is evaluated. */
export type Probe = Pick<OperatorData, "sensorValues" | "locations" | "layout">;

/** Compiles a network's outputs for fixed functions and locations. */
async function compileOutputs<P extends ValuesOf<P>>(
  network: OperatorNetwork<P>,
  like: P,
  { sensorValues, locations, layout }: Probe,
) {
  const [n, d] = [sensorValues.rows, locations.columns];
  const shape = layout === "grid" ? [locations.rows, d] : [n, locations.rows / n, d];
  const program = await compile(
    ({ p, u, y }) => network[layout === "grid" ? "applyGrid" : "applyScattered"](p as AsTensors<P>, u, y),
    { p: specsOf(like as Values), u: f32(n, sensorValues.columns), y: f32(...shape) },
  );
  const u = array(Float32Array.from(sensorValues.values), [n, sensorValues.columns]);
  const y = array(Float32Array.from(locations.values), shape);
  return {
    of: async (parameters: P) => floatData(await program.run({ p: parameters as Values, u, y })),
    [Symbol.dispose]: () => program.dispose(),
  };
}

/** A network's outputs for some functions at some locations. */
export async function outputsOf<P extends ValuesOf<P>>(
  network: OperatorNetwork<P>,
  parameters: P,
  probe: Probe,
) {
  using program = await compileOutputs(network, parameters, probe);
  return program.of(parameters);
}

/** The plot that shows an operator while it is learned. */
const PREDICTION = "prediction";
const INPUT = "input u";
const TRUE = "true output";

export const predictionPlot = (
  models: readonly string[],
  title = "One test function and the learned output",
) => linePlot(PREDICTION, title, "x", "value", { series: [...models, INPUT], references: [TRUE] });

/** The plot of errors during training. */
const TRAINING = "training";

export const trainingPlot = (models: readonly string[]) =>
  linePlot(TRAINING, "Errors during training", "step", logAxis("mean squared error"), {
    series: models.map((model) => `${model}, test`),
    variants: Object.fromEntries(models.map((model) => [`${model}, train`, `${model}, test`])),
  });

/**
 * Steps from one checkpoint to the next: so many in a training, and at most 1,000 steps apart, as the authors' are, so
 * that an interrupted full run loses seconds.
 */
export const checkpointEvery = (iterations: number, checkpoints: number): number =>
  Math.min(1000, Math.max(50, Math.round(iterations / checkpoints)));

export interface LearnOptions<P extends ValuesOf<P>> extends Omit<TrainOperatorOptions<P>, "resume"> {
  readonly resumable: ExperimentContext<unknown>["resumable"];
  /** The series' name. */
  readonly model: string;
  /** A function whose output is drawn at every checkpoint, as a curve unless said otherwise. */
  readonly probe?: GeneratedOperatorData;
  readonly drawOutput?: (output: ArrayLike<number>) => ExperimentEvent;
  /** Whether errors are drawn at every checkpoint. */
  readonly draw?: boolean;
  /** Where it begins and ends among all trainings of the run, from 0 to 1. */
  readonly from: number;
  readonly to: number;
}

/** Trains one network, showing errors and the output for one function as training goes. */
export async function* learn<P extends ValuesOf<P>>({
  resumable,
  model,
  probe,
  drawOutput,
  draw = true,
  from,
  to,
  ...training
}: LearnOptions<P>): ExperimentRun<Learned & { readonly best: BestOperator<P> }> {
  const none: Checkpoints = [];
  let outputs: Awaited<ReturnType<typeof compileOutputs<P>>> | undefined;
  try {
    if (probe && !drawOutput) {
      const x = probe.locations.values;
      const { sensors, sensorValues, targets } = probe;
      yield replaceCurve(PREDICTION, INPUT, sensors, (at, i) => ({ x: at, y: sensorValues.values[i] }));
      yield replaceCurve(PREDICTION, TRUE, x, (at, i) => ({ x: at, y: targets.values[i] }));
    }
    const { iterate, kept: path } = yield* resumable(model, {
      method: (resume) => trainOperator({ ...training, resume }),
      kept: none,
      async *each({ steps, train, test = Number.NaN, parameters }, path) {
        path.push({ steps, train, test });
        if (draw && steps > 0) {
          yield points(TRAINING, `${model}, test`, [{ x: steps, y: test }]);
          yield points(TRAINING, `${model}, train`, [{ x: steps, y: train }]);
        }
        if (probe) {
          outputs ??= await compileOutputs(training.network, parameters, probe);
          const output = await outputs.of(parameters);
          yield drawOutput
            ? drawOutput(output)
            : replaceCurve(PREDICTION, model, probe.locations.values, (at, i) => ({ x: at, y: output[i] }));
        }
        yield progress(from + ((to - from) * steps) / training.iterations, `${model}, step ${steps}`);
      },
    });
    const { best } = iterate;
    return { train: best.train, test: best.test ?? Number.NaN, path, best };
  } finally {
    outputs?.[Symbol.dispose]();
  }
}

/** What is kept of it. */
export const numbersOf = ({ train, test, path }: Learned): Learned => ({ train, test, path });
