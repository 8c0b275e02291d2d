import type { ArrayValue, Tensor } from "@gradus/graph";
import { accuracy, softmaxCrossEntropy } from "gradus/losses";
import { type Model, mlp, uniformByInputs } from "gradus/nn";
import { sampleMean } from "gradus/statistics";
import {
  adagrad,
  adaptiveBatchSize,
  type BatchSizePolicy,
  type BatchSizeTrainer,
  compileBatchSizeTrainer,
  compileEvaluator,
  constantBatchSize,
  type Evaluator,
  normTest,
} from "gradus/train";
import type { Values } from "gradus/tree";
import { type Check, check, formatFigure, ourCheck } from "../check.ts";
import type { ExperimentRun, Show, Table } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { tableOf } from "../shared/tables.ts";

/** Rows and their classes. */
export interface Labeled<T> {
  readonly x: T;
  readonly y: T;
}
type Data = { readonly x: ArrayValue; readonly y: ArrayValue };
type NoSettings = Record<string, never>;
type NoState = Record<string, never>;

/** PyTorch's initialization, as in the authors' code: weights and biases uniform on [-1, 1]/sqrt(inputs). */
export const initializers = { initializer: uniformByInputs, biasInitializer: uniformByInputs } as const;

/** A network of ten classes. */
export const classifier = (sizes: { readonly inputs: number; readonly hidden: readonly number[] }) =>
  mlp({ ...sizes, outputs: 10, ...initializers });

/** A scheme of batch sizes, and its name. */
export interface Scheme {
  readonly name: string;
  readonly policy: BatchSizePolicy;
  /** Undefined for batches of one size. */
  readonly eta: number | undefined;
}

export function adaptiveScheme(eta: number, initial: number, maximum: number): Scheme {
  return {
    name: `η = ${eta}`,
    policy: adaptiveBatchSize({ test: normTest({ eta }), initial, maximum }),
    eta,
  };
}

export function constantScheme(batchSize: number): Scheme {
  return { name: `b = ${batchSize}`, policy: constantBatchSize(batchSize), eta: undefined };
}

/** The batch size, and the number of samples from which it holds. */
export interface Growth {
  readonly samples: number;
  readonly batchSize: number;
}

/** The result of a training. */
export interface Outcome {
  readonly steps: number;
  readonly meanBatch: number;
  readonly finalBatch: number;
  readonly trainingLoss: number;
  readonly testLoss: number;
  readonly accuracy: number;
  /** Samples used and the batch size, at every change of it. */
  readonly growth: readonly Growth[];
}

/** A classifier with everything compiled that its trainings need. */
export interface Classification<P extends Values> extends Disposable {
  readonly trainer: BatchSizeTrainer<P, Data, NoSettings>;
  readonly evaluator: Evaluator<P, Data, NoState, NoSettings>;
  readonly test: Data;
  readonly train: Data;
}

export interface ClassificationOptions<P extends Values> {
  readonly model: Model<P>;
  /** Structure and shapes. */
  readonly parameters: P;
  readonly train: Data;
  readonly test: Data;
  readonly learningRate: number;
  readonly microBatch?: number;
}

/** Compiles AdaGrad on a classifier, for all sizes of batches. */
export async function compileClassification<P extends Values>({
  model,
  parameters,
  train,
  test,
  learningRate,
  microBatch,
}: ClassificationOptions<P>): Promise<Classification<P>> {
  const apply = (p: Parameters<typeof model.apply>[0], x: Tensor) => model.apply(p, x);
  const trainer = await compileBatchSizeTrainer<P, Data>({
    loss: (p, { x, y }) => softmaxCrossEntropy(apply(p, x), y),
    parameters,
    data: train,
    optimizer: adagrad({ learningRate }),
    microBatch,
  });
  const evaluator = await compileEvaluator<P, Data>({
    metrics: {
      loss: (p, { x, y }) => softmaxCrossEntropy(apply(p, x), y),
      accuracy: (p, { x, y }) => accuracy(apply(p, x), y),
    },
    parameters,
    data: test,
  });
  return {
    trainer,
    evaluator,
    test,
    train,
    [Symbol.dispose]() {
      trainer.dispose();
      evaluator.dispose();
    },
  };
}

export interface SchemeRun<P> {
  readonly parameters: P;
  readonly scheme: Scheme;
  readonly seed: number;
  /** Of the whole training. */
  readonly samples: number;
  readonly signal: AbortSignal;
  /** Of each entry of `growth`. */
  readonly show?: Show<Growth>;
}

/** Rows evaluated at once. */
const EVALUATED = 2000;

/** Trains once, and evaluates at the end. */
export async function* runScheme<P extends Values>(
  { trainer, evaluator, train, test }: Classification<P>,
  { parameters, scheme, seed, samples, signal, show = () => [] }: SchemeRun<P>,
): ExperimentRun<Outcome> {
  const growth: Growth[] = [];
  function* grown(at: Growth) {
    growth.push(at);
    yield* show(at);
  }
  let [steps, used, last] = [0, 0, scheme.policy.initial];
  let reached = parameters;
  for await (const step of trainer.train({ batchSize: scheme.policy, parameters, seed, samples, signal })) {
    if (step.iteration === 0) continue;
    if (growth.length === 0 || step.batchSize !== last)
      yield* grown({ samples: step.samples, batchSize: step.batchSize });
    [steps, used, last, reached] = [step.steps, step.samples, step.batchSize, step.parameters];
  }
  yield* grown({ samples: used, batchSize: last });
  const onTest = await evaluator.evaluate({ parameters: reached, data: test, batchSize: EVALUATED });
  const onTrain = await evaluator.evaluate({ parameters: reached, data: train, batchSize: EVALUATED });
  return {
    steps,
    meanBatch: used / steps,
    finalBatch: last,
    trainingLoss: onTrain.loss,
    testLoss: onTest.loss,
    accuracy: onTest.accuracy,
    growth,
  };
}

/** Means over runs of one scheme. */
export interface SchemeFigures
  extends Readonly<
    Record<"steps" | "meanBatch" | "finalBatch" | "trainingLoss" | "testLoss" | "accuracy", number>
  > {
  readonly name: string;
  /** Null for batches of one size. */
  readonly eta: number | null;
  /** The smallest last batch of the runs. */
  readonly smallestLast: number;
}

export function schemeFigures({ name, eta }: Scheme, outcomes: readonly Outcome[]): SchemeFigures {
  const over = (figure: (o: Outcome) => number) => sampleMean(outcomes.map(figure));
  return {
    name,
    eta: eta ?? null,
    steps: over((o) => o.steps),
    meanBatch: over((o) => o.meanBatch),
    finalBatch: over((o) => o.finalBatch),
    smallestLast: Math.min(...outcomes.map((o) => o.finalBatch)),
    trainingLoss: over((o) => o.trainingLoss),
    testLoss: over((o) => o.testLoss),
    accuracy: over((o) => o.accuracy),
  };
}

/**
 * The accuracy of batches of one size after the given number of steps: interpolated linearly in ln(steps) between the
 * sizes that were run, and that of the nearest size outside their range.
 */
export function interpolatedAccuracy(
  constants: readonly { readonly steps: number; readonly accuracy: number }[],
  steps: number,
): number {
  const sorted = [...constants].sort((a, b) => a.steps - b.steps);
  if (steps <= sorted[0].steps) return sorted[0].accuracy;
  for (let i = 1; i < sorted.length; i++) {
    const [before, after] = [sorted[i - 1], sorted[i]];
    if (steps > after.steps) continue;
    const share = Math.log(steps / before.steps) / Math.log(after.steps / before.steps);
    return before.accuracy + share * (after.accuracy - before.accuracy);
  }
  return sorted[sorted.length - 1].accuracy;
}

/** The schemes as a table, one row each. */
export const schemeTable = (id: string, title: string, schemes: readonly SchemeFigures[]): Table =>
  tableOf(
    id,
    title,
    {
      name: "batches",
      steps: "steps",
      meanBatch: "mean batch",
      finalBatch: "last batch",
      trainingLoss: "training loss",
      testLoss: "test loss",
      accuracy: "test accuracy",
    },
    schemes.map((figures) => ({ ...figures })),
  );

/** Schemes with batches that grow, and others with batches of one size, on one problem and as many samples. */
export interface Comparison {
  /** The problem. */
  readonly name: string;
  /** Rows of the first batch. */
  readonly initial: number;
  readonly schemes: readonly SchemeFigures[];
}

const MIDDLE = "η = 0.5";
const constantsOf = ({ schemes }: Comparison) => schemes.filter(({ eta }) => eta === null);
const adaptiveOf = ({ schemes }: Comparison) => schemes.filter(({ eta }) => eta !== null);

/** η = 0.5, and the smallest and the largest batches of one size. */
function threeOf(comparison: Comparison) {
  const bySteps = constantsOf(comparison).toSorted((a, b) => b.steps - a.steps);
  return {
    middle: find(comparison.schemes, { name: MIDDLE }),
    small: bySteps[0],
    full: bySteps[bySteps.length - 1],
  };
}

/** By how much a scheme is more accurate than one size of batches with as many steps. */
const overOneSize = (comparison: Comparison, { accuracy, steps }: SchemeFigures) =>
  accuracy - interpolatedAccuracy(constantsOf(comparison), steps);

/** C3: the last batch of adaptive runs is larger than the first. */
export function judgeGrowth(name: string, initial: number, schemes: readonly SchemeFigures[]): Check {
  return check(
    "C3",
    `${name}: smallest last batch over the first`,
    Math.min(...schemes.map(({ smallestLast }) => smallestLast)) / initial,
    { atLeast: 2 },
    criterion("a batch that has grown is at least twice the first"),
  );
}

/** Growth, steps and accuracy of the adaptive schemes against batches of one size. */
export function judgeComparison(comparison: Comparison): Check[] {
  const { name, initial } = comparison;
  const { middle, small, full } = threeOf(comparison);
  return [
    judgeGrowth(name, initial, adaptiveOf(comparison)),
    check(
      "C4",
      `${name}: steps with ${small.name} over steps with ${MIDDLE}`,
      small.steps / middle.steps,
      { atLeast: 1.5 },
      criterion("fewer steps are at least one and a half times fewer"),
    ),
    check(
      "C4",
      `${name}: accuracy with ${MIDDLE} minus that of full batches`,
      middle.accuracy - full.accuracy,
      { atLeast: 0.01 },
      criterion("better accuracy is at least one percentage point"),
    ),
    ...adaptiveOf(comparison).map((scheme) =>
      ourCheck(
        `${name}: accuracy with ${scheme.name} minus that of one size with as many steps`,
        overOneSize(comparison, scheme),
        { atLeast: -0.01 },
        criterion("as good is at most one percentage point lower"),
      ),
    ),
  ];
}

/** A comparison in sentences. */
export function describeComparison(comparison: Comparison): readonly string[] {
  const { name } = comparison;
  const { middle, small, full } = threeOf(comparison);
  const told = ({ name: scheme, steps, accuracy }: SchemeFigures) =>
    `${scheme} takes ${formatFigure(steps)} steps to accuracy ${formatFigure(accuracy)}`;
  const gaps = adaptiveOf(comparison).map(
    (scheme) => `${formatFigure(overOneSize(comparison, scheme))} (${scheme.name})`,
  );
  return [
    `${name}: ${[middle, small, full].map(told).join(", ")}.`,
    `${name}: accuracy minus that of one size with as many steps: ${gaps.join(", ")}.`,
  ];
}

/** A comparison in one sentence, without the problem's name. */
export function comparisonHeadline(comparison: Comparison): string {
  const { middle, small, full } = threeOf(comparison);
  return `the norm test with ${MIDDLE} takes ${formatFigure(small.steps / middle.steps)} times fewer steps than batches of ${small.name.slice(4)} (${formatFigure(middle.steps)} against ${formatFigure(small.steps)}), at an accuracy of ${formatFigure(middle.accuracy)} against ${formatFigure(small.accuracy)}, and ${formatFigure(full.accuracy)} with full batches`;
}
