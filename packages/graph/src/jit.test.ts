import fc from "fast-check";
import { expect, test } from "vitest";
import { runtime } from "#runtime";
import { array, item, toNumbers } from "./arrays.ts";
import { valueAndGradient } from "./differentiate.ts";
import { DisposedError, InputError, ShapeError } from "./errors.ts";
import { jit } from "./jit.ts";
import { add, exp, matmul, mul, sum } from "./ops/index.ts";
import type { Runtime } from "./runtime/runtime.ts";
import type { Tensor } from "./tensor.ts";

/** The platform's runtime, counting the programs it holds. */
function counting() {
  const count = { loaded: 0, released: 0 };
  const counted: Runtime = {
    name: "counting",
    async load(model, options) {
      count.loaded += 1;
      const session = await runtime.load(model, options);
      return {
        run: (inputs) => session.run(inputs),
        async release() {
          await session.release();
          count.released += 1;
        },
      };
    },
  };
  return { runtime: counted, count };
}

const ones = (...shape: number[]) => array(new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape);
const total = ({ x }: { x: Tensor }) => sum(x);

test("one program a signature: element types, shapes and structure", async () => {
  const { runtime, count } = counting();
  using f = jit(({ x }: { x: readonly Tensor[] }) => x.map((t) => sum(mul(t, t))), { runtime });
  const norms = async (...x: Parameters<typeof f.run>[0]["x"]) => (await f.run({ x })).map(item);
  expect(await norms(ones(2, 3))).toStrictEqual([6]);
  expect(await norms(ones(2, 3))).toStrictEqual([6]);
  expect(count.loaded).toBe(1);
  expect(await norms(ones(3, 2))).toStrictEqual([6]);
  expect(await norms(Float32Array.of(3, 4))).toStrictEqual([25]);
  expect(await norms(Float64Array.of(3, 4))).toStrictEqual([25]);
  expect(await norms(ones(2, 3), ones(1))).toStrictEqual([6, 1]);
  expect(count.loaded).toBe(5);
});

test("a named dimension is open: one program serves every batch", async () => {
  const { runtime, count } = counting();
  type Inputs = { p: { w: Tensor }; batch: { x: Tensor; y: Tensor } };
  const f = jit(
    ({ p, batch }: Inputs) =>
      valueAndGradient((q: Inputs["p"]) => sum(mul(matmul(batch.x, q.w), batch.y)))(p),
    { runtime, dimensions: { batch: ["rows"], "batch.y": ["rows", null] } },
  );
  const p = { w: array(Float64Array.of(1, 2), [2, 1]) };
  for (const rows of [1, 4, 0]) {
    const { value, gradient } = await f.run({ p, batch: { x: ones(rows, 2), y: ones(rows, 1) } });
    expect(item(value)).toBe(3 * rows);
    expect(toNumbers(gradient.w)).toStrictEqual([rows, rows]);
  }
  expect(count.loaded).toBe(1);
  await expect(f.run({ p, batch: { x: ones(3, 2), y: ones(2, 1) } })).rejects.toThrow(
    /batch\.y: expected \[rows, 1\] with rows = 3/,
  );
  expect(count.loaded).toBe(1);
  await f.dispose();
  expect(count.released).toBe(1);
});

test("calls at the same time compile once", async () => {
  const { runtime, count } = counting();
  using f = jit(total, { runtime });
  const results = await Promise.all([1, 2, 3].map((v) => f.run({ x: Float64Array.of(v, v) })));
  expect(results.map(item)).toStrictEqual([2, 4, 6]);
  expect(count.loaded).toBe(1);
});

test("a compilation that fails is tried again", async () => {
  let attempts = 0;
  const { runtime, count } = counting();
  using f = jit(
    ({ x }: { x: Tensor }) => {
      attempts += 1;
      if (attempts === 1) throw new RangeError("the first attempt fails");
      return exp(x);
    },
    { runtime },
  );
  await expect(f.run({ x: Float64Array.of(0) })).rejects.toThrow(RangeError);
  expect(toNumbers(await f.run({ x: Float64Array.of(0) }))).toStrictEqual([1]);
  expect([attempts, count.loaded]).toStrictEqual([2, 1]);
});

test("beyond the capacity, the program not used for longest goes, after the calls that wait for it", async () => {
  const { runtime, count } = counting();
  const f = jit(total, { runtime, capacity: 2 });
  const call = async (length: number) => item(await f.run({ x: ones(length) }));
  await call(1);
  await call(2);
  await call(1);
  await call(3); // the program for 2 goes
  await call(1);
  expect(count.loaded).toBe(3);
  await call(2); // the program for 3 goes
  expect(count.loaded).toBe(4);
  expect(await Promise.all([4, 5, 6, 7, 4].map(call))).toStrictEqual([4, 5, 6, 7, 4]);
  await f.dispose();
  expect(count.released).toBe(count.loaded);
});

test("calls in any order give the sums, and at most `capacity` programs stay", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 12 }),
      async (capacity, lengths) => {
        const { runtime, count } = counting();
        const f = jit(total, { runtime, capacity });
        for (const length of lengths) expect(item(await f.run({ x: ones(length) }))).toBe(length);
        await f.dispose();
        expect(count.released).toBe(count.loaded);
        expect(count.loaded).toBeGreaterThanOrEqual(new Set(lengths).size);
        if (new Set(lengths).size <= capacity) expect(count.loaded).toBe(new Set(lengths).size);
      },
    ),
    { numRuns: 15 },
  );
});

test("after dispose calls are refused; those under way end", async () => {
  const { runtime, count } = counting();
  const f = jit(total, { runtime });
  const underWay = f.run({ x: ones(3) });
  const disposal = f.dispose();
  await expect(f.run({ x: ones(3) })).rejects.toThrow(DisposedError);
  expect(item(await underWay)).toBe(3);
  await disposal;
  expect(count).toStrictEqual({ loaded: 1, released: 1 });
});

test("what does not tell a signature, and options that make no sense, are refused", async () => {
  using f = jit(({ x, y }: { x: Tensor; y: Tensor }) => add(x, y));
  await expect(f.run({ x: 1, y: ones(1) } as never)).rejects.toThrow(
    /x: the type of a plain number is ambiguous/,
  );
  using named = jit(total, { dimensions: { x: ["rows", "columns"] } });
  await expect(named.run({ x: ones(3) })).rejects.toThrow(/x: dimensions\["x"\] names 2 dimensions of \[3\]/);
  expect(() => jit(total, { capacity: 0 })).toThrow(InputError);
  expect(() => jit(total, { dimensions: { x: ["two words"] } })).toThrow(ShapeError);
});
