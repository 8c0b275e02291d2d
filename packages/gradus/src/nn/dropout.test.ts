import {
  compile,
  f64,
  gradient,
  hessianVectorProduct,
  mul,
  repeat,
  square,
  sum,
  type Tensor,
  toNumbers,
} from "@gradus/graph";
import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import { dropout, dropoutState, nextDropoutState } from "./dropout.ts";

const signature = { state: { counter: { dtype: "i64", shape: [] } }, x: f64("n", 50) } as const;
const ones = new Float64Array(20 * 50).fill(1);

test("drops the given share, keeps the expectation, and draws anew at each step", async () => {
  const rate = 0.3;
  using program = await compile(
    ({ state, x }) =>
      repeat(40, state, (current) => ({
        carried: nextDropoutState(current),
        stacked: dropout(current, x, { rate, seed: 3 }),
      })),
    signature,
  );
  const { stacked, carried } = await program.run({ state: dropoutState(randomStream(1)), x: ones });
  const values = toNumbers(stacked);
  expect(new Set(values)).toStrictEqual(new Set([0, 1 / (1 - rate)]));
  const n = values.length;
  const dropped = values.filter((v) => v === 0).length;
  expect(Math.abs(dropped - rate * n) / Math.sqrt(n * rate * (1 - rate))).toBeLessThan(4);
  // Each place is dropped at about 12 of 40 steps: the binomial standard deviation is 2.9.
  const perPlace = new Float64Array(1000);
  values.forEach((v, k) => {
    if (v === 0) perPlace[k % 1000] += 1;
  });
  const spread =
    perPlace.reduce((s, count) => s + (count - 40 * rate) ** 2, 0) / (1000 * 40 * rate * (1 - rate));
  // Chi-square with 1000 degrees of freedom over 1000: standard deviation 0.045.
  expect(Math.abs(spread - 1)).toBeLessThan(0.2);
  const first = dropoutState(randomStream(1)).counter.data[0];
  expect(Number(carried.counter.data[0])).toBe(Number(first) + 40);
});

test("streams decide the run, seeds the layer; the same of both drop the same units", async () => {
  using program = await compile(
    ({ state, x }) => ({
      a: dropout(state, x, { rate: 0.5, seed: 1 }),
      again: dropout(state, x, { rate: 0.5, seed: 1 }),
      other: dropout(state, x, { rate: 0.5, seed: 2 }),
    }),
    signature,
  );
  const run = (seed: number) => program.run({ state: dropoutState(randomStream(seed)), x: ones });
  const { a, again, other } = await run(1);
  expect(toNumbers(again)).toStrictEqual(toNumbers(a));
  expect(toNumbers(other)).not.toStrictEqual(toNumbers(a));
  expect(toNumbers((await run(1)).a)).toStrictEqual(toNumbers(a));
  expect(toNumbers((await run(2)).a)).not.toStrictEqual(toNumbers(a));
});

test("derivatives see the units that the value sees", async () => {
  using program = await compile(({ state, x }) => {
    const f = (v: Tensor) => sum(square(dropout(state, v, { rate: 0.4, seed: 1 })));
    return {
      value: dropout(state, x, { rate: 0.4, seed: 1 }),
      slope: gradient(f)(x),
      curvature: hessianVectorProduct(f)(x, mul(x, 3)),
    };
  }, signature);
  const x = ones.map((_, i) => 1 + i / 100);
  const { value, slope, curvature } = await program.run({ state: dropoutState(randomStream(5)), x });
  const [y, g, h] = [value, slope, curvature].map(toNumbers);
  y.forEach((v, i) => {
    expect(g[i]).toBeCloseTo((2 * v) / 0.6, 10);
    expect(h[i]).toBeCloseTo((6 * v) / 0.6, 10);
  });
});

test("rate 0 does nothing; a rate of 1 or more is refused", async () => {
  using program = await compile(({ state, x }) => dropout(state, x, { rate: 0, seed: 1 }), signature);
  expect(toNumbers(await program.run({ state: dropoutState(randomStream(1)), x: ones }))).toStrictEqual([
    ...ones,
  ]);
  await expect(compile(({ state, x }) => dropout(state, x, { rate: 1, seed: 1 }), signature)).rejects.toThrow(
    ArgumentError,
  );
});
