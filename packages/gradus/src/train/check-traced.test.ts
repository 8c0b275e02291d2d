import {
  abs,
  add,
  array,
  constant,
  div,
  matmul,
  mean,
  mul,
  square,
  sub,
  sum,
  type Tensor,
  toNumbers,
} from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { solve } from "../iterate/iterate.ts";
import { adaptiveBatchSize } from "./batch-size/adaptive-batch-size.ts";
import type { BatchSizePolicy } from "./batch-size/contract.ts";
import { normTest } from "./batch-size/norm-test.ts";
import { bySamples } from "./schedules/schedule.ts";
import { sgd } from "./sgd.ts";
import { train } from "./train.ts";
import { type GradientTransformation, stateless } from "./transformation.ts";
import type { Scheduled } from "./transformations/scheduled.ts";

interface Line<T> {
  readonly weights: T;
  readonly bias: T;
}
type Rows = Record<"x" | "y", Tensor>;

const data = {
  x: array(Float64Array.of(1, 2, -1, 0.5, 3, 1), [3, 2]),
  y: array(Float64Array.of(1, -2, 0.5), [3, 1]),
};
const parameters = { bias: array(Float64Array.of(0)), weights: array(new Float64Array(2), [2, 1]) };
const loss = (p: Line<Tensor>, { x, y }: Rows) => mean(square(sub(add(matmul(x, p.weights), p.bias), y)));

/** Parameters after some steps on all rows. */
async function trained(changed: {
  readonly optimizer?: GradientTransformation;
  readonly loss?: unknown;
  readonly batchSize?: "full" | BatchSizePolicy;
  readonly epochs?: number;
}): Promise<readonly number[]> {
  const { epochs = 1, ...options } = { ...changed, loss: (changed.loss ?? loss) as typeof loss };
  const run = train({
    data,
    parameters,
    batchSize: "full",
    optimizer: sgd({ learningRate: 0.1 }),
    epochs,
    ...options,
  });
  const { iterate } = await solve(run);
  return [...toNumbers(iterate.parameters.weights), ...toNumbers(iterate.parameters.bias)];
}

const refused = async (changed: Parameters<typeof trained>[0], message: string) => {
  await expect(trained(changed)).rejects.toThrow(ArgumentError);
  await expect(trained(changed)).rejects.toThrow(message);
};

test("an optimizer of one's own returns an update for each parameter, of its shape", async () => {
  const returning = (update: unknown) => ({ init: () => [], update }) as GradientTransformation;
  const wanted = "the optimizer's update must return";
  await refused(
    { optimizer: returning((g: unknown) => g) },
    `${wanted} { updates, state }, got Array of length 2`,
  );
  await refused(
    { optimizer: returning((updates: unknown) => ({ updates })) },
    `${wanted} { updates, state }, got an object with keys updates`,
  );
  await refused(
    { optimizer: stateless((gradients) => gradients.slice(1)) },
    `${wanted} 2 updates, as many as there are parameters, got 1`,
  );
  // a scalar would be added to every number of the parameter
  await refused(
    { optimizer: stateless((gradients) => gradients.map((g) => sum(abs(g)))) },
    "the optimizer's update of bias must be f64[1], as the parameter is, got f64[]",
  );
});

test("a state that changes its structure between steps is refused by the entry", async () => {
  const changing = (next: (state: { velocity: Tensor }) => object) =>
    ({
      init: () => ({ velocity: constant(Float64Array.of(0)) }),
      update: (updates: unknown, state: { velocity: Tensor }) => ({ updates, state: next(state) }),
    }) as unknown as GradientTransformation;
  for (const [next, wanted] of [
    [() => ({}), ': "optimizerState.velocity" is in one alone'],
    [
      (state: object) => ({ ...state, count: constant(Float64Array.of(0)) }),
      ': "optimizerState.count" is in one alone',
    ],
  ] as const)
    await expect(trained({ optimizer: changing(next), epochs: 3 })).rejects.toThrow(wanted);
});

test("a loss returns a tensor, whoever asks for it", async () => {
  const policy = adaptiveBatchSize({ test: normTest({ eta: 0.5 }), initial: 2, maximum: 3 });
  for (const batchSize of ["full", policy] as const) {
    const message = "loss must return a tensor, or { loss, modelState }, got";
    await refused({ batchSize, loss: () => 3 }, `${message} 3`);
    await refused({ batchSize, loss: () => undefined }, `${message} undefined`);
    await refused({ batchSize, loss: async () => 3 }, `${message} an object of class Promise`);
  }
});

test("a schedule of one's own is a function of a scalar in the graph", async () => {
  const [x, y] = [toNumbers(data.x), toNumbers(data.y)];
  let byHand = [0, 0, 0];
  for (const rate of [0.1, 0.05, 0.1 / 3]) {
    const [p, q, bias] = byHand;
    const residuals = [0, 1, 2].map((i) => p * x[2 * i] + q * x[2 * i + 1] + bias - y[i]);
    const slope = (column: (i: number) => number) =>
      residuals.reduce((total, r, i) => total + (2 / 3) * r * column(i), 0);
    const gradient = [slope((i) => x[2 * i]), slope((i) => x[2 * i + 1]), slope(() => 1)];
    byHand = byHand.map((value, j) => value - rate * gradient[j]);
  }
  const optimizer = sgd({ learningRate: (step) => div(0.1, add(1, step)) });
  const found = await trained({ optimizer, epochs: 3 });
  for (const [j, value] of byHand.entries()) expect(found[j]).toBeCloseTo(value, 13);
  const rows = sgd({ learningRate: bySamples((count) => div(0.1, add(1, mul(1 / 3, count)))) });
  for (const [j, value] of (await trained({ optimizer: rows, epochs: 3 })).entries())
    expect(value).toBeCloseTo(found[j], 13);

  const message = "a schedule must return a scalar tensor, made of its argument by operations";
  const plain = ((step: number) => 0.1 / (1 + step)) as unknown as Scheduled;
  await refused({ optimizer: sgd({ learningRate: plain }) }, message);
  const spread = sgd({ learningRate: (step) => mul(step, constant(Float64Array.of(1, 2))) });
  await refused({ optimizer: spread }, `${message} such as mul and pow of @gradus/graph, got shape [2]`);
});
