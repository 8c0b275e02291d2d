import { compile, f64, toNumbers } from "@gradus/graph";
import { expect, test } from "vitest";
import { flatten, globalAveragePool, globalMaxPool } from "./pooling.ts";

test("global pooling takes each channel's mean or largest entry; flatten keeps the order", async () => {
  using program = await compile(
    ({ x }) => ({ mean: globalAveragePool(x), max: globalMaxPool(x), flat: flatten(x) }),
    { x: f64("n", 2, 2, 2) },
  );
  const x = Float64Array.of(1, 2, 3, 6, -1, -2, -3, -6, 0, 0, 0, 8, 5, 5, 5, 5);
  const { mean, max, flat } = await program.run({ x });
  expect(mean.shape).toStrictEqual([2, 2]);
  expect(toNumbers(mean)).toStrictEqual([3, -3, 2, 5]);
  expect(toNumbers(max)).toStrictEqual([6, -1, 8, 5]);
  expect(flat.shape).toStrictEqual([2, 8]);
  expect(toNumbers(flat)).toStrictEqual([...x]);
});

test("inputs without places, or of unknown sizes, are refused", async () => {
  await expect(compile(({ x }) => globalAveragePool(x), { x: f64("n", 2) })).rejects.toThrow(
    /globalAveragePool/,
  );
  await expect(compile(({ x }) => flatten(x), { x: f64("n", "m") })).rejects.toThrow(/flatten/);
});
