import { expect, test } from "vitest";
import { array, toNumbers } from "./arrays.ts";
import { compile } from "./compile.ts";
import { valueAndGradient } from "./differentiate.ts";
import { GraphError, ShapeError } from "./errors.ts";
import { repeat, scan } from "./loop.ts";
import { add, cast, exp, gather, matmul, mean, mul, reshape, square, sub, sum, tanh } from "./ops/index.ts";
import { f64, i64, input, mapTensors, scalar, type Tensor } from "./tensor.ts";

type Parameters = { readonly w1: Tensor; readonly w2: Tensor };
const loss = ({ w1, w2 }: Parameters, x: Tensor, y: Tensor) =>
  mean(square(sub(matmul(tanh(matmul(x, w1)), w2), y)));
const step = (p: Parameters, x: Tensor, y: Tensor) => {
  const { value, gradient: g } = valueAndGradient(loss)(p, x, y);
  return { value, parameters: mapTensors((t, d) => sub(t, mul(d, 0.1)), p, g as Parameters) };
};
const wave = (length: number, phase: number) =>
  Float64Array.from({ length }, (_, i) => Math.sin(2.3 * i + phase));
const parameters = () => ({ w1: wave(6, 0), w2: wave(2, 1) });
const specs = { w1: f64(3, 2), w2: f64(2, 1) };

test("a fused epoch gives what step-by-step calls give, bit for bit", async () => {
  const x = wave(12 * 3, 2);
  const y = wave(12, 3);
  const plan = BigInt64Array.from([3, 7, 11, 0, 1, 2, 10, 9, 8, 4, 5, 6], BigInt);
  using fused = await compile(
    ({ p, x, y, plan }) =>
      repeat("steps", p, (carried, i) => {
        const rows = gather(plan, i);
        const next = step(carried, gather(x, rows), gather(y, rows));
        return { carried: next.parameters, stacked: next.value };
      }),
    { p: specs, x: f64("rows", 3), y: f64("rows", 1), plan: i64("steps", "batch") },
  );
  const together = await fused.run({ p: parameters(), x, y, plan: array(plan, [4, 3]) });

  using single = await compile(({ p, x, y }) => step(p, x, y), {
    p: specs,
    x: f64("batch", 3),
    y: f64("batch", 1),
  });
  let p: { w1: { data: unknown }; w2: { data: unknown } } | undefined;
  const losses: number[] = [];
  for (let s = 0; s < 4; s++) {
    const rows = Array.from(plan.slice(3 * s, 3 * s + 3), Number);
    const current = p ? { w1: p.w1.data as Float64Array, w2: p.w2.data as Float64Array } : parameters();
    const result = await single.run({
      p: current,
      x: Float64Array.from(rows.flatMap((r) => [...x.subarray(3 * r, 3 * r + 3)])),
      y: Float64Array.from(rows.map((r) => y[r])),
    });
    losses.push(Number(result.value.data[0]));
    p = result.parameters;
  }
  expect(toNumbers(together.stacked)).toStrictEqual(losses);
  expect(together.carried.w1.data).toStrictEqual(p?.w1.data);
  expect(together.carried.w2.data).toStrictEqual(p?.w2.data);
  expect(losses[3]).not.toBe(losses[0]);
});

test("loops nest, capture outer tensors, and see the iteration number", async () => {
  // sum over i < 3 of sum over j < 2 of (i + 10 j) a
  using program = await compile(
    ({ a }) =>
      repeat(3, { total: mul(sum(a), 0) }, ({ total }, i) => {
        const inner = repeat(2, { total }, (carried, j) => ({
          carried: { total: add(carried.total, mul(add(cast(i, "f64"), mul(cast(j, "f64"), 10)), sum(a))) },
        }));
        return { carried: inner.carried, stacked: { total: inner.carried.total, i } };
      }),
    { a: f64(2) },
  );
  const { carried, stacked } = await program.run({ a: Float64Array.of(1, 1) });
  expect(carried.total.data[0]).toBe(2 * (2 * (0 + 1 + 2) + 3 * 10));
  expect(toNumbers(stacked.total)).toStrictEqual([20, 44, 72]);
  expect(toNumbers(stacked.i)).toStrictEqual([0, 1, 2]);
});

test("zero iterations return the start and stack nothing", async () => {
  using program = await compile(({ x }) => repeat("n", x, (c) => ({ carried: mul(c, 2), stacked: c })), {
    x: f64(2),
    n: i64("n"),
  });
  const { carried, stacked } = await program.run({ x: Float64Array.of(1, 2), n: new BigInt64Array(0) });
  expect(toNumbers(carried)).toStrictEqual([1, 2]);
  expect(stacked.shape).toStrictEqual([0, 2]);
});

test("parameters passed through, swapped or returned twice keep their places", async () => {
  using program = await compile(
    ({ a, b }) =>
      repeat(3, { a, b, same: a }, (c) => ({ carried: { a: c.b, b: c.a, same: c.a }, stacked: [c.a, c.a] })),
    { a: f64(), b: f64() },
  );
  const { carried, stacked } = await program.run({ a: 1, b: 2 });
  expect([carried.a, carried.b, carried.same].map((v) => v.data[0])).toStrictEqual([2, 1, 1]);
  expect(stacked.map(toNumbers)).toStrictEqual([
    [1, 2, 1],
    [1, 2, 1],
  ]);
});

test("what a loop cannot do is refused by name", async () => {
  await expect(
    compile(({ x }) => repeat(2, x, (c) => ({ carried: reshape(c, [2, 1]) })).carried, { x: f64(2) }),
  ).rejects.toThrow(/starts as f64\[2\] and the body returns f64\[2, 1\]/);
  await expect(
    compile(
      ({ x }) => {
        let leaked: Tensor = scalar(0, "f64");
        const { carried } = repeat(2, x, (c) => {
          leaked = exp(c);
          return { carried: mul(c, leaked) };
        });
        return add(carried, leaked);
      },
      { x: f64(2) },
    ),
  ).rejects.toThrow(GraphError);
  await expect(
    compile(({ x }) => repeat("epochs", x, (c) => ({ carried: c })).carried, { x: f64(2) }),
  ).rejects.toThrow(/dimension "epochs" does not occur in any input/);
  await expect(
    compile(({ x }) => repeat(2, { x }, () => ({ carried: { y: x } as unknown as { x: Tensor } })).carried, {
      x: f64(2),
    }),
  ).rejects.toThrow(ShapeError);
  const over = (xs: unknown) => () => scan(xs, scalar(0, "f64"), (c) => ({ carried: c }));
  expect(over({ a: input("a", f64("n", 2)), b: input("b", f64(3)) })).toThrow(
    /scan: b is \[3\]; all tensors must have the same first dimension, n/,
  );
  expect(over(input("a", f64()))).toThrow(/scan: the argument is \[\]/);
  expect(over([])).toThrow(/scan: expected at least one tensor/);
});

test("scan runs over the entries of a tree: running sums, and the pairs seen", async () => {
  using program = await compile(
    ({ xs }) =>
      scan(xs, { total: mul(sum(xs.a, { axes: 0 }), 0) }, ({ total }, { a, k }, i) => {
        const next = add(total, mul(a, cast(k, "f64")));
        return { carried: { total: next }, stacked: { next, sum: add(k, i) } };
      }),
    { xs: { a: f64("n", 2), k: i64("n") } },
  );
  const { carried, stacked } = await program.run({
    xs: { a: Float64Array.of(1, 2, 3, 4, 5, 6), k: BigInt64Array.of(1n, 0n, 2n) },
  });
  expect(toNumbers(carried.total)).toStrictEqual([11, 14]);
  expect(toNumbers(stacked.next)).toStrictEqual([1, 2, 1, 2, 11, 14]);
  expect(toNumbers(stacked.sum)).toStrictEqual([1, 1, 4]);
});
