import { expect, test } from "vitest";
import { toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { gradient } from "./differentiate.ts";
import { type LoopAttributes, loopOp, repeat, scan } from "./loop.ts";
import { add, matmul, mul, sum, tanh } from "./ops/index.ts";
import { f64, reachable, type Tensor } from "./tensor.ts";
import { trace } from "./trace.ts";

/** What each loop of a program carries and stacks. */
const loopsOf = (outputs: readonly { readonly tensor: Tensor }[]) =>
  reachable(outputs.map(({ tensor }) => tensor))
    .filter(({ op }) => op === loopOp)
    .map(({ attributes }) => {
      const { carried, stacked } = attributes as LoopAttributes;
      return { carried: carried.map(({ shape }) => shape), stacked: stacked.map(({ shape }) => shape) };
    });

test("a loop without derivative keeps no iteration, and carries only what its results need", async () => {
  const f = ({ x, y, z }: { x: Tensor; y: Tensor; z: Tensor }) => {
    const { carried, stacked } = repeat(3, { x, y, z }, (c) => ({
      carried: { x: add(c.x, c.y), y: mul(c.y, 2), z: tanh(c.z) },
      stacked: { x: c.x, z: c.z },
    }));
    return { result: carried.x, path: stacked.x };
  };
  const specs = { x: f64(2), y: f64(2), z: f64(5) };
  expect(loopsOf(trace(f, specs).outputs)).toStrictEqual([{ carried: [[2], [2]], stacked: [[2]] }]);
  using program = await compile(f, specs);
  const { result, path } = await program.run({
    x: Float64Array.of(0, 1),
    y: Float64Array.of(1, 1),
    z: new Float64Array(5),
  });
  expect(toNumbers(result)).toStrictEqual([7, 8]);
  expect(toNumbers(path)).toStrictEqual([0, 1, 1, 2, 3, 4]);
});

test("reverse mode keeps the states it needs, sums the weights' derivative, and stacks the sequence's", () => {
  const loss = (v: { w: Tensor; xs: Tensor }, h: Tensor) =>
    sum(
      scan(v.xs, { h, time: h }, (c, x) => ({
        carried: { h: tanh(add(matmul(c.h, v.w), x)), time: mul(c.time, 2) },
      })).carried.h,
    );
  const { outputs } = trace(({ v, h }) => gradient(loss)(v, h), {
    v: { w: f64(4, 4), xs: f64("steps", 4) },
    h: f64(1, 4),
  });
  expect(loopsOf(outputs)).toStrictEqual([
    // The states at the start of each iteration; the last state is in no derivative.
    { carried: [[1, 4]], stacked: [[1, 4]] },
    {
      carried: [
        [1, 4],
        [4, 4],
      ],
      stacked: [[4]],
    },
  ]);
});
