import { type ArrayValue, array, constant, mean, mul, square, sub, type Tensor } from "@gradus/graph";
import { checkSingleMatrix } from "../../check/arrays.ts";
import { ArgumentError, DataError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import type { Iterate, Method, MethodOptions } from "../../iterate/iterate.ts";
import { checkMethodOptions } from "../../iterate/method-options.ts";
import { checkDense } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { adam } from "../../train/adam.ts";
import type { TrainState } from "../../train/contract.ts";
import { compileEvaluator, type Evaluator } from "../../train/evaluator.ts";
import { compileTrainer } from "../../train/train.ts";
import type { GradientTransformation } from "../../train/transformation.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import { constantLike } from "./constant-like.ts";
import { displacedSensor, type OperatorData } from "./operator-data.ts";
import type { OperatorNetwork } from "./operator-network.ts";
import { type OperatorScaling, withOwnInputs } from "./operator-scaling.ts";
import { checkResolved } from "./resolution.ts";

/** A checkpoint of training: where it stood, and the mean squared errors there, in the units of the targets. */
export interface OperatorErrors {
  readonly steps: number;
  /** On all training data. */
  readonly train: number;
  /** On the test data, where there are some. */
  readonly test: number | undefined;
}

/** The checkpoint with the lowest training error so far. */
export interface BestOperator<P> extends OperatorErrors {
  readonly parameters: P;
}

/** What training resumes from: the trainer's state and the best checkpoint. */
export interface OperatorTrainingState<P> {
  readonly training: { readonly iteration: number; readonly state: TrainState<P, Record<string, never>> };
  readonly best: BestOperator<P>;
}

/** What an iterate of operator training shows. */
export interface OperatorTrainingView<P> extends OperatorErrors {
  readonly parameters: P;
  readonly best: BestOperator<P>;
}

/** An iterate of operator training: a checkpoint with its errors, and the state from which training resumes. */
export type OperatorTrainingIterate<P> = Iterate<OperatorTrainingState<P>> & OperatorTrainingView<P>;

export interface TrainOperatorOptions<P extends ValuesOf<P>> extends MethodOptions<OperatorTrainingState<P>> {
  readonly network: OperatorNetwork<P>;
  readonly data: OperatorData;
  readonly testData?: OperatorData;
  /** Adam with learning rate 0.001 and epsilon 1e-7 when left out. */
  readonly optimizer?: GradientTransformation;
  /** Steps in all. */
  readonly iterations: number;
  /** Steps from one checkpoint to the next. */
  readonly every?: number;
  /** Functions in a batch, all when left out. */
  readonly batchSize?: number | "full";
  /** Of the first parameters, and of the batches. */
  readonly seed: number;
}

/** One row a function. */
type Rows = { readonly u: ArrayValue; readonly s: ArrayValue; readonly y?: ArrayValue };

const single = (values: Float64Array, shape: readonly number[]) => array(Float32Array.from(values), shape);

/** Rows of data, with targets standardized as those of the training data are. */
function rowsOf(
  { sensorValues, locations, targets, layout, outputs }: OperatorData,
  scaling: OperatorScaling | undefined,
): Rows {
  const n = sensorValues.rows;
  const points = targets.columns / outputs;
  const { center, scale } = scaling?.targets ?? { center: [0], scale: [1] };
  const standardized = targets.values.map(
    (s, k) => (s - center[k % center.length]) / scale[k % scale.length],
  );
  const rows = {
    u: single(sensorValues.values, [n, sensorValues.columns]),
    s: single(standardized, outputs === 1 ? [n, points] : [n, points, outputs]),
  };
  if (layout === "grid") return rows;
  return { ...rows, y: single(locations.values, [n, points, locations.columns]) };
}

/**
 * The mean squared error of standardized outputs on a batch of rows, or with `unit` of outputs in these units; locations
 * of a grid are part of the program.
 */
function errorOn<P extends ValuesOf<P>>(
  network: OperatorNetwork<P>,
  { locations }: OperatorData,
  scaling: OperatorScaling | undefined,
  unit?: Float64Array,
) {
  const standardized = scaling ? withOwnInputs(network, scaling) : network;
  return (parameters: AsTensors<P>, { u, y, s }: AsTensors<Rows>): Tensor => {
    const output = y
      ? standardized.applyScattered(parameters, u, y)
      : standardized.applyGrid(
          parameters,
          u,
          constant(Float32Array.from(locations.values), [locations.rows, locations.columns]),
        );
    const error = sub(output, s);
    return mean(square(unit ? mul(error, constantLike(unit, [unit.length], error)) : error));
  };
}

/**
 * Checks that a network takes the data.
 *
 * @throws DataError naming what differs, and what to do
 */
function checkFits(
  name: string,
  network: Pick<OperatorNetwork<never>, "sensors" | "dimension" | "outputs">,
  {
    sensorValues,
    locations,
    targets,
    outputs,
  }: Pick<OperatorData, "sensorValues" | "locations" | "targets" | "outputs">,
): void {
  for (const [part, matrix] of Object.entries({ sensorValues, locations, targets }))
    checkDense(`${name}.${part}`, matrix);
  if (sensorValues.columns !== network.sensors)
    throw new DataError(
      `the branch expects ${network.sensors} sensor values, got ${sensorValues.columns} columns in ${name}.sensorValues; make the network with sensors: ${sensorValues.columns}, or interpolate the functions`,
    );
  if (locations.columns !== network.dimension)
    throw new DataError(
      `the network expects locations with dimension ${network.dimension}, got ${locations.columns} columns in ${name}.locations; make the network with dimension: ${locations.columns}`,
    );
  if (outputs !== network.outputs)
    throw new DataError(`the network has ${network.outputs} outputs, ${name} has ${outputs}`);
  for (const [part, { values, columns }] of Object.entries({ sensorValues, locations, targets }))
    checkSingleMatrix(`${name}.${part}`, values, columns);
}

/** @throws DataError naming numbers that float32 does not tell apart where they are standardized */
function checkScaled(
  name: string,
  { mapsLocations }: Pick<OperatorNetwork<never>, "mapsLocations">,
  { sensorValues, locations, targets }: OperatorData,
  scaling: OperatorScaling | undefined,
): void {
  if (!scaling) return;
  checkResolved(`${name}.sensorValues`, sensorValues, scaling.sensorValues);
  if (!mapsLocations) checkResolved(`${name}.locations`, locations, scaling.locations);
  checkResolved(`${name}.targets`, targets, scaling.targets);
}

/** Functions in one call of an evaluation. */
const EVALUATED = 4096;

interface Errors<P extends ValuesOf<P>> extends Disposable {
  of(parameters: P): Promise<number>;
}

async function errorsOn<P extends ValuesOf<P>>(
  network: OperatorNetwork<P>,
  parameters: P,
  data: OperatorData,
  scaling: OperatorScaling | undefined,
): Promise<Errors<P>> {
  const rows = rowsOf(data, scaling);
  // a power of two, which changes no bit: squares in these units may be beyond float32
  const unit = scaling ? 2 ** Math.round(Math.log2(Math.max(...scaling.targets.scale))) : 1;
  const inUnits = scaling?.targets.scale.map((scale) => scale / unit);
  const evaluator: Evaluator<P, Rows, Record<string, never>, Record<string, never>> = await compileEvaluator({
    metrics: { error: errorOn(network, data, scaling, inUnits) },
    parameters,
    data: rows,
  });
  return {
    async of(parameters) {
      const { error } = await evaluator.evaluate({ parameters, data: rows, batchSize: EVALUATED });
      return unit * unit * error;
    },
    [Symbol.dispose]: () => evaluator.dispose(),
  };
}

/**
 * Trains an operator network on the mean squared error, in float32, of numbers that the scaling of the data standardizes
 * (`operatorData` gives them one, test data use that of the training data): an iterate every `every` steps, with the errors on
 * all training data and on the test data, and the checkpoint with the lowest training error so far. The steps between
 * run inside one compiled graph. When the loss becomes infinite or NaN, the last iterate has the last finite model. Data
 * of a single function can be fitted, but do not tell how outputs depend on it.
 * Source: Lu, Jin & Karniadakis 2019, arXiv 1910.03193; checkpoints as in the authors' code.
 *
 * @throws DataError when the sensors, coordinates or outputs of the data are not the network's, test data have other
 *   sensors, or standardized numbers lie so far from 0 that float32 does not tell them apart
 * @throws ArgumentError unless iterations and every are integers >= 1 and batchSize is at most the number of functions, or
 *   for an unknown option
 * @throws DivergenceError naming the step when the loss is not finite
 */
export async function* trainOperator<P extends ValuesOf<P>>(
  options: TrainOperatorOptions<P>,
): Method<OperatorTrainingIterate<P>> {
  checkGivenOptions("trainOperator", options, [
    "network",
    "data",
    "testData",
    "optimizer",
    "iterations",
    "every",
    "batchSize",
    "seed",
    "resume",
    "signal",
  ]);
  const {
    network,
    data,
    testData,
    optimizer = adam({ learningRate: 1e-3, epsilon: 1e-7 }),
    iterations,
    batchSize = "full",
    seed,
    resume,
    signal,
  } = options;
  checkMethodOptions({ resume, signal }, ["training", "best"]);
  const every = options.every ?? Math.min(1000, iterations);
  checkPositiveInteger({ iterations, every });
  checkFits("data", network, data);
  checkScaled("data", network, data, data.scaling);
  const functions = data.sensorValues.rows;
  if (batchSize !== "full") checkPositiveInteger({ batchSize });
  if (batchSize !== "full" && batchSize > functions)
    throw new ArgumentError(
      `batchSize must be at most the number of functions ${functions}, got ${batchSize}; "full" takes all of them`,
    );
  if (testData) {
    checkFits("testData", network, testData);
    checkScaled("testData", network, testData, data.scaling);
    const j = displacedSensor(data.sensors, testData.sensors);
    if (j >= 0)
      throw new DataError(
        `testData.sensors[${j}] must be ${data.sensors[j]}, as in data, got ${testData.sensors[j]}; interpolate the functions to data.sensors`,
      );
  }
  const parameters = network.parameters({ stream: randomStream(seed).split("parameters") });
  const { scaling } = data;
  const rows = rowsOf(data, scaling);
  using trainer = await compileTrainer<P, Rows>({
    loss: errorOn(network, data, scaling),
    parameters,
    data: rows,
    optimizer,
    batchSize,
  });
  using onTrain = await errorsOn(network, parameters, data, scaling);
  using onTest = testData ? await errorsOn(network, parameters, testData, scaling) : undefined;
  const perEpoch = batchSize === "full" ? 1 : Math.floor(functions / batchSize);
  const training = trainer.train({
    epochs: Math.ceil(iterations / perEpoch),
    epochsPerIterate: Math.max(1, Math.round(every / perEpoch)),
    seed,
    signal,
    resume: resume?.state.training,
  });
  let best = resume?.state.best;
  for await (const iterate of training) {
    const { iteration, state, parameters, steps, done } = iterate;
    const train = await onTrain.of(parameters);
    const test = await onTest?.of(parameters);
    if (best === undefined || train < best.train) best = { steps, train, test, parameters };
    yield {
      iteration,
      state: { training: { iteration, state }, best },
      steps,
      train,
      test,
      parameters,
      best,
      done,
    };
  }
}
