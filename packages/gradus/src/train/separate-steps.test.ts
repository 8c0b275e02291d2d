import { type ArrayValue, add, array, mean, mul, square, sub, sum, type Tensor } from "@gradus/graph";
import { afterEach, expect, test } from "vitest";
import { flattenArrays } from "../tree/arrays.ts";
import { dataSpecs } from "../tree/signature.ts";
import { adam, adamw } from "./adam.ts";
import { exponentialAveraging } from "./average-parameters.ts";
import { compileStepGraph } from "./compiled-step.ts";
import type { StepOptions } from "./contract.ts";
import { compileInitialState } from "./initial-state.ts";
import { rmsprop } from "./rmsprop.ts";
import { compileSeparateSteps } from "./separate-steps.ts";
import { heavyBall, sgd } from "./sgd.ts";
import { loopGraph, lossGradient, stepGraph } from "./step-parts.ts";
import { networkLoss, regression } from "./test-problem.ts";
import { train } from "./train.ts";
import type { GradientTransformation } from "./transformation.ts";
import { chain } from "./transformation.ts";
import { clipByGlobalNorm } from "./transformations/clip-by-norm.ts";

const disposables: Disposable[] = [];
afterEach(() => {
  for (const one of disposables.splice(0)) one[Symbol.dispose]();
});

function keep<T extends Disposable>(made: T): T {
  disposables.push(made);
  return made;
}

type Problem = ReturnType<typeof regression>;

/** The same steps in a loop and separately, of a small problem. */
async function both(optimizer: GradientTransformation, dtype: "f32" | "f64", batchSize: number | "full") {
  const { data, parameters } = regression(dtype);
  const options: StepOptions<
    Problem["parameters"],
    Problem["data"],
    Record<string, never>,
    { rate: number }
  > = {
    loss: ({ hidden, output }, batch, { settings }) =>
      mul(networkLoss({ hidden, output }, batch), settings.rate),
    parameters,
    data,
    optimizer,
    settings: { rate: 1 },
    averaging: exponentialAveraging({ decay: 0.7 }),
  };
  const initial = keep(await compileInitialState({ ...options, lowMemory: true }));
  const loop = loopGraph(stepGraph(options, dataSpecs(data), lossGradient(options)), { data, batchSize });
  const together = keep(await compileStepGraph(options, initial, loop));
  const separate = await compileSeparateSteps(options, initial, { loop, batchSize });
  const plan: ArrayValue =
    batchSize === "full"
      ? array(new BigInt64Array(3), [3])
      : array(
          BigInt64Array.from({ length: 3 * batchSize }, (_, i) => BigInt((7 * i) % 23)),
          [3, batchSize],
        );
  const rows = batchSize === "full" ? 23 : batchSize;
  const call = {
    state: await initial.start(),
    inputs: { data, plan },
    steps: 3,
    rows,
    settings: { rate: 0.5 },
  };
  return { together, separate: keep(separate), call };
}

const numbers = (told: unknown) => Array.from((told as ArrayValue).data, Number);

test.each(
  Object.entries<() => GradientTransformation>({
    adam: () => adam({ learningRate: 0.02 }),
    adamw: () => adamw({ learningRate: 0.02, weightDecay: 0.1 }),
    "centered rmsprop": () => rmsprop({ learningRate: 0.01, centered: true, momentum: 0.5 }),
    "heavy ball": () => heavyBall({ learningRate: 0.02 }),
    sgd: () => sgd({ learningRate: 0.1 }),
  }),
)("separate steps by %s are those of the loop", async (_, make) => {
  for (const dtype of ["f32", "f64"] as const)
    for (const batchSize of [5, "full"] as const) {
      const { together, separate, call } = await both(make(), dtype, batchSize);
      const [expected, found] = [await together.run(call), await separate.run(call)];
      // A loop takes factors and sums of gradients into the matrix products, which round once less.
      const digits = dtype === "f32" ? 6 : 15;
      for (const key of ["parameters", "average", "optimizerState"] as const) {
        const [is, should] = [flattenArrays(found.state[key]), flattenArrays(expected.state[key])];
        expect(is.paths).toEqual(should.paths);
        is.leaves.forEach(({ dtype, shape, data }, k) => {
          const { data: wanted, ...type } = should.leaves[k];
          expect({ dtype, shape }).toEqual(type);
          data.forEach((value, i) => void expect(value).toBeCloseTo(Number(wanted[i]), digits));
        });
      }
      expect(found.state.parameters).not.toEqual(call.state.parameters);
      expect(found.state).toMatchObject({ steps: 3, samples: expected.state.samples });
      expect(numbers(found.told)).toHaveLength(3);
      numbers(found.told).forEach(
        (value, i) => void expect(value).toBeCloseTo(numbers(expected.told)[i], digits),
      );
      expect(separate.model).toStrictEqual(together.model);
      expect(new Blob([separate.model]).size).toBe(separate.model.length);
    }
});

test("an optimizer that reads the norm of all gradients needs them at once", async () => {
  const optimizer = chain(clipByGlobalNorm(1), adam({ learningRate: 0.02 }));
  await expect(both(optimizer, "f32", 5)).rejects.toThrow(
    /lowMemory needs an optimizer that treats each number alike/,
  );
});

test("large parameters of several parts train as the formula says, and resume", async () => {
  const draw = (length: number) => array(Float32Array.from({ length }, (_, i) => Math.sin(i)));
  const parameters = { small: draw(3), large: draw(3 * 2 ** 20 + 7), last: draw(5), empty: draw(0) };
  type Parameters = Readonly<Record<keyof typeof parameters, Tensor>>;
  const data = { x: draw(8) };
  const run = {
    loss: ({ small, large, last, empty }: Parameters, { x }: { readonly x: Tensor }) =>
      add(
        mean(square(sub(x, sum(small)))),
        [large, last, empty].map((t) => sum(mul(0.5, square(t)))).reduce((a, b) => add(a, b)),
      ),
    parameters,
    data,
    optimizer: sgd({ learningRate: 0.25 }),
    batchSize: 4,
    epochs: 2,
    seed: 1,
    lowMemory: true,
  };
  const iterates = [];
  for await (const iterate of train({ ...run, stepsPerIterate: 1 })) iterates.push(iterate);
  const last = iterates[4];
  // The gradient of half the square is the number itself: four steps subtract a quarter of it.
  const shrunk = ({ data }: ArrayValue) => {
    const values = Float32Array.from(data, Number);
    for (let step = 0; step < 4; step++)
      for (let i = 0; i < values.length; i++) values[i] -= Math.fround(0.25 * values[i]);
    return values;
  };
  // Too many for the comparison of a test runner.
  const same = (a: ArrayValue["data"], b: Float32Array) => b.every((value, i) => value === a[i]);
  expect(same(last.parameters.large.data, shrunk(parameters.large))).toBe(true);
  expect(same(last.parameters.last.data, shrunk(parameters.last))).toBe(true);
  expect(last.parameters.small.data).not.toEqual(parameters.small.data);
  for await (const iterate of train({ ...run, stepsPerIterate: 1, resume: iterates[2] }))
    if (iterate.iteration === 4) expect(iterate.parameters.small).toStrictEqual(last.parameters.small);
});

test("iterates that overwrite one another are the same, in the same arrays, and leave the first parameters alone", async () => {
  const { data, parameters } = regression("f32");
  const run = {
    loss: networkLoss,
    parameters,
    data,
    optimizer: adam({ learningRate: 0.02 }),
    averaging: exponentialAveraging({ decay: 0.7 }),
    batchSize: 5,
    epochs: 2,
    stepsPerIterate: 2,
    lowMemory: true,
  };
  const before = structuredClone(parameters);
  const wanted = [];
  for await (const iterate of train(run)) wanted.push(iterate);
  const found = [];
  const copies = [];
  for await (const iterate of train({ ...run, overwrite: true })) {
    found.push(iterate);
    copies.push(structuredClone(iterate.state));
  }
  expect(copies).toStrictEqual(wanted.map(({ state }) => state));
  expect(parameters).toStrictEqual(before);
  const arraysOf = (tree: unknown) =>
    flattenArrays(tree).leaves.flatMap(({ shape, data }) => (shape.length > 0 ? [data] : []));
  const [first, second, third] = found.map(({ state: { parameters, optimizerState, average } }) => ({
    parameters: arraysOf({ parameters, average }),
    optimizerState: arraysOf(optimizerState),
  }));
  first.parameters.forEach((data, i) => void expect(second.parameters[i]).not.toBe(data));
  first.optimizerState.forEach((data, i) => void expect(second.optimizerState[i]).toBe(data));
  for (const part of ["parameters", "optimizerState"] as const)
    second[part].forEach((data, i) => void expect(third[part][i]).toBe(data));
  // Without it, only steps of the same call share arrays.
  expect(wanted[2].parameters.hidden).not.toBe(wanted[1].parameters.hidden);
});
