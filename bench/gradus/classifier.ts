import {
  type ArrayValue,
  add,
  array,
  compile,
  f32,
  gather,
  i64,
  matmul,
  relu,
  repeat,
  type Tensor,
  valueAndGradient,
} from "@gradus/graph";
import { softmaxCrossEntropy } from "gradus/losses";
import { sizes } from "../sizes.ts";
import type { Runner } from "../worker.ts";
import { type Context, descend } from "./context.ts";
import { type TrainingCase, trainingCase } from "./training-case.ts";

type Group = "small" | "wide";
type Classifier<T> = Readonly<Record<"w1" | "b1" | "w2" | "b2", T>>;

function specs(group: Group) {
  const { inputs, hidden, classes } = sizes[group];
  return { w1: f32(inputs, hidden), b1: f32(hidden), w2: f32(hidden, classes), b2: f32(classes) };
}

function startOf({ inputs }: Context, group: Group): Classifier<ArrayValue> {
  const [w1, b1, w2, b2] = ["w1", "b1", "w2", "b2"].map((name) => inputs[`${group}.${name}`]);
  return { w1, b1, w2, b2 };
}

function loss({ w1, b1, w2, b2 }: Classifier<Tensor>, x: Tensor, y: Tensor): Tensor {
  return softmaxCrossEntropy(add(matmul(relu(add(matmul(x, w1), b1)), w2), b2), y);
}

function trainingStep(parameters: Classifier<Tensor>, x: Tensor, y: Tensor, rate: number) {
  const { value, gradient } = valueAndGradient(loss)(parameters, x, y);
  return { loss: value, parameters: descend(parameters, gradient, rate) };
}

/** One call a step: the parameters go in and come out each time. */
export async function step(context: Context, group: Group): Promise<Runner> {
  const { inputs: width, batch, learningRate } = sizes[group];
  const program = await compile(
    ({ parameters, x, y }) => trainingStep(parameters, x, y, learningRate),
    { parameters: specs(group), x: f32("batch", width), y: i64("batch") },
    context.options,
  );
  const x = array(context.inputs[`${group}.x`].data.slice(0, batch * width), [batch, width]);
  const y = array(context.inputs[`${group}.y`].data.slice(0, batch), [batch]);
  return trainingCase({
    start: startOf(context, group),
    run: (parameters) => program.run({ parameters, x, y }),
  });
}

/** A hundred steps in one call: a loop inside the graph, its batches gathered from the data. */
export async function fusedSteps(context: Context): Promise<Runner> {
  const { inputs: width, batch, rows, steps, learningRate } = sizes.small;
  const program = await compile(
    ({ parameters, x, y, order }) => {
      const { carried, stacked } = repeat(steps, parameters, (current: Classifier<Tensor>, iteration) => {
        const chosen = gather(order, iteration);
        const next = trainingStep(current, gather(x, chosen), gather(y, chosen), learningRate);
        return { carried: next.parameters, stacked: next.loss };
      });
      return { parameters: carried, loss: stacked };
    },
    { parameters: specs("small"), x: f32(rows, width), y: i64(rows), order: i64(steps, batch) },
    context.options,
  );
  const { "small.x": x, "small.y": y, "small.order": order } = context.inputs;
  return loopCase(startOf(context, "small"), steps, (parameters) => program.run({ parameters, x, y, order }));
}

/** Steps on one batch in one call: a loop inside the graph. */
export async function fusedFullBatches(context: Context): Promise<Runner> {
  const { inputs: width, batch, steps, learningRate } = sizes.wide;
  const program = await compile(
    ({ parameters, x, y }) => {
      const { carried, stacked } = repeat(steps, parameters, (current: Classifier<Tensor>) => {
        const next = trainingStep(current, x, y, learningRate);
        return { carried: next.parameters, stacked: next.loss };
      });
      return { parameters: carried, loss: stacked };
    },
    { parameters: specs("wide"), x: f32(batch, width), y: i64(batch) },
    context.options,
  );
  const { "wide.x": x, "wide.y": y } = context.inputs;
  return loopCase(startOf(context, "wide"), steps, (parameters) => program.run({ parameters, x, y }));
}

/** Runs a loop of steps from where its last run ended. */
function loopCase(
  start: Classifier<ArrayValue>,
  stepsPerCall: number,
  run: TrainingCase<Classifier<ArrayValue>>["run"],
): Runner {
  const figures = (losses: readonly number[], _: unknown, way: number) => [losses[0], losses.at(-1)!, way];
  return trainingCase({ start, run, stepsPerCall, figures });
}
