import {
  type ArrayValue,
  add,
  array,
  compile,
  div,
  f32,
  matmul,
  mean,
  mul,
  neg,
  reshape,
  sigmoid,
  softplus,
  sqrt,
  sub,
  sum,
  type Tensor,
  valueAndGradient,
} from "@gradus/graph";
import { sizes } from "../sizes.ts";
import type { Runner } from "../worker.ts";
import { type Context, descend, dot, norm } from "./context.ts";
import { trainingCase } from "./training-case.ts";

const { features, slope, learningRate } = sizes.linear;

type Counts = Readonly<Record<"tp" | "fp" | "fn" | "tn", Tensor>>;
type Metric = (counts: Counts) => Tensor;

export const metrics = {
  f1: ({ tp, fp, fn }) => div(mul(tp, 2), add(add(mul(tp, 2), fp), fn)),
  balanced: ({ tp, fp, fn, tn }) => mul(add(div(tp, add(tp, fn)), div(tn, add(tn, fp))), 0.5),
  gmean: ({ tp, fp, fn, tn }) => sqrt(mul(div(tp, add(tp, fn)), div(tn, add(tn, fp)))),
} satisfies Record<string, Metric>;

/** One minus a metric of the soft confusion matrix (Han, Moniz and Chawla 2024). */
function metricLoss(metric: Metric, z: Tensor, y: Tensor): Tensor {
  const score = mul(sub(sigmoid(z), 0.5), slope);
  const positive = sigmoid(score);
  const negative = sigmoid(neg(score));
  const absent = sub(1, y);
  const counts = {
    tp: sum(mul(y, positive)),
    fp: sum(mul(absent, positive)),
    fn: sum(mul(y, negative)),
    tn: sum(mul(absent, negative)),
  };
  return sub(1, metric(counts));
}

/** A full-batch iteration of gradient descent; on cross-entropy where no metric is given. */
export async function linear(context: Context, metric?: Metric): Promise<Runner> {
  const rate = metric ? learningRate.metric : learningRate.bce;
  const loss = (theta: Tensor, x: Tensor, y: Tensor) => {
    const z = reshape(matmul(x, theta), ["n"]);
    return metric ? metricLoss(metric, z, y) : mean(sub(softplus(z), mul(y, z)));
  };
  const program = await compile(
    ({ parameters, x, y }) => {
      const { value, gradient } = valueAndGradient(loss)(parameters, x, y);
      return { loss: value, parameters: descend(parameters, gradient, rate) };
    },
    { parameters: f32(features, 1), x: f32("n", features), y: f32("n") },
    context.options,
  );
  const { "linear.x": x, "linear.y": y, "linear.direction": direction } = context.inputs;
  const start: ArrayValue = array(new Float32Array(features), [features, 1]);
  return trainingCase({
    start,
    run: (parameters) => program.run({ parameters, x, y }),
    figures: (losses, theta) => [losses[0], losses.at(-1)!, norm([theta]), dot([theta], [direction])],
  });
}
