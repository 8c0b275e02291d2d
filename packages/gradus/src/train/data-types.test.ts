import { type ArrayValue, array, matmul, mean, square, sub } from "@gradus/graph";
import { expect, expectTypeOf, test } from "vitest";
import { takeRows } from "../tree/rows.ts";
import { compileStep } from "./compile-step.ts";
import { sgd } from "./sgd.ts";
import { train } from "./train.ts";

// The type check is the test: an interface has no index signature, of which a tree of arrays could be one.

interface Rows {
  readonly x: ArrayValue;
  readonly y: ArrayValue;
}

type SameRows = { readonly x: ArrayValue; readonly y: ArrayValue };

interface Weights {
  readonly layers: readonly { readonly w: ArrayValue }[];
}

interface Labeled extends Rows {
  readonly label: string;
}

const rows: Rows = {
  x: array(Float32Array.of(1, 2, 3, 4), [2, 2]),
  y: array(Float32Array.of(1, 0), [2, 1]),
};
const sameRows: SameRows = rows;
const weights: Weights = { layers: [{ w: array(new Float32Array(2), [2, 1]) }] };
const optimizer = sgd({ learningRate: 0.1 });
const run = { optimizer, batchSize: "full", epochs: 1 } as const;

test("training takes interfaces and types alike, nested and in evaluations", async () => {
  const ofInterface = train({
    ...run,
    loss: ({ layers: [{ w }] }, { x, y }) => mean(square(sub(matmul(x, w), y))),
    parameters: weights,
    data: rows,
    metrics: { mean: ({ layers: [{ w }] }, { x }) => mean(matmul(x, w)) },
    evaluation: { data: rows },
  });
  const ofType = train({
    ...run,
    loss: ({ layers: [{ w }] }, { x, y }) => mean(square(sub(matmul(x, w), y))),
    parameters: weights,
    data: sameRows,
  });
  const [a, b] = [(await Array.fromAsync(ofInterface)).at(-1)!, (await Array.fromAsync(ofType)).at(-1)!];
  expectTypeOf(a.parameters).toEqualTypeOf<Weights>();
  // From w = 0: minus the rate times the mean of 2 (x w - y) x.
  expect(Array.from(a.parameters.layers[0].w.data, Number)).toStrictEqual([
    Math.fround(0.1),
    Math.fround(0.2),
  ]);
  expect(b.parameters).toStrictEqual(a.parameters);
});

test("steps and rows take interfaces", async () => {
  using step = await compileStep({
    optimizer,
    loss: ({ layers: [{ w }] }, { x, y }) => mean(square(sub(matmul(x, w), y))),
    parameters: weights,
    data: rows,
  });
  const second = takeRows(rows, [1]);
  expectTypeOf(second).toEqualTypeOf<Rows>();
  expect((await step.step(await step.init(), second)).loss).toBe(0);
});

test("what is no tree of arrays is refused by its type", () => {
  const labeled: Labeled = { ...rows, label: "training" };
  const parts = { named: labeled };
  // @ts-expect-error a string is no array
  expect(() => takeRows(labeled, [0])).toThrow(/label/);
  // @ts-expect-error nor one below
  expect(() => takeRows(parts, [0])).toThrow(/named\.label/);
});
