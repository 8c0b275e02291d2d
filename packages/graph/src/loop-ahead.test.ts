import { describe, expect, test } from "vitest";
import { compile } from "./compile.ts";
import { dependents } from "./dependence.ts";
import { gradient } from "./differentiate.ts";
import { type LoopAttributes, loopOp, repeat } from "./loop.ts";
import * as ops from "./ops/index.ts";
import { constant, f32, f64, i64, reachable, scalar, type Tensor, type TensorSpec } from "./tensor.ts";
import { trace } from "./trace.ts";
import { vmap } from "./vectorize.ts";

/** Names of the operations that each iteration of a program's only loop carries out. */
function bodyOf(
  f: (inputs: { x: Tensor }) => { carried: { x: Tensor } },
  x: TensorSpec,
  sizes?: Record<string, number>,
): string[] {
  const { outputs } = trace(f, { x }, sizes);
  const nodes = reachable(outputs.map(({ tensor }) => tensor));
  const loop = nodes.find(({ op }) => op === loopOp)!;
  const { parameters, carried, stacked } = loop.attributes as LoopAttributes;
  const inside = new Set<Tensor>(parameters);
  const names: string[] = [];
  for (const node of reachable([...carried, ...stacked]))
    if (node.inputs.some((t) => inside.has(t))) {
      inside.add(node);
      names.push(node.op.name);
    }
  return names;
}

/** 26 bits of a number's square, in exact arithmetic, as noise has its keys. */
const scramble = (x: Tensor) => {
  const squared = ops.add(ops.square(x), 0.37);
  return ops.sub(squared, ops.sub(ops.add(squared, 1.5 * 2 ** 52 * 8192), 1.5 * 2 ** 52 * 8192));
};
const scrambled = (x: number) => {
  const squared = x * x + 0.37;
  return squared - (squared + 1.5 * 2 ** 52 * 8192 - 1.5 * 2 ** 52 * 8192);
};

test("what follows from the iteration and a counter has the bits of plain loops", async () => {
  const f = ({ start, x }: { start: Tensor; x: Tensor }) =>
    repeat("steps", { counter: start, x }, ({ counter, x }, iteration) => {
      const keys = ops.concat([
        ops.reshape(scramble(scramble(ops.cast(counter, "f64"))), [1]),
        ops.reshape(ops.div(ops.add(ops.cast(iteration, "f64"), 1), 3), [1]),
      ]);
      const next = ops.add(ops.mul(x, 0.5), ops.sum(ops.mul(keys, x)));
      return { carried: { counter: ops.add(counter, 3), x: next }, stacked: { keys } };
    });
  const specs = { start: i64(), x: f64(), like: f32("steps") };
  using program = await compile((inputs: Record<"start" | "x" | "like", Tensor>) => f(inputs), specs);
  for (const steps of [0, 1, 2, 7]) {
    const start = 2 ** 31 + 12_345;
    const { carried, stacked } = await program.run({
      start,
      x: 0.25,
      like: { dtype: "f32", shape: [steps], data: new Float32Array(steps) },
    });
    const keys = Array.from({ length: steps }, (_, i) => [scrambled(scrambled(start + 3 * i)), (i + 1) / 3]);
    expect(Array.from(stacked.keys.data, Number)).toStrictEqual(keys.flat());
    expect(Number(carried.counter.data[0])).toBe(start + 3 * steps);
    let x = 0.25;
    for (const [a, b] of keys) x = x * 0.5 + (a * x + b * x);
    expect(carried.x.data[0]).toBe(x);
  }
});

test("batches, waves and draws of an expected number of steps have the bits of a loop that computes them", async () => {
  const [rows, batch] = [50, 16];
  const f = ({ table, plan, start }: Record<"table" | "plan" | "start", Tensor>) => {
    const columns = ops.cumSum(ops.broadcastTo(scalar(0.125, "f64"), ["batch"]), { axis: 0 });
    return repeat("steps", { counter: start, x: scalar(0.5, "f32") }, ({ counter, x }, iteration) => {
      const chosen = ops.gather(table, ops.gather(plan, iteration));
      const place = ops.add(scramble(ops.add(columns, ops.cast(counter, "f64"))), 2);
      const waves = ops.cast(ops.mul(ops.log(place), ops.add(ops.cos(place), ops.sin(place))), "f32");
      const rising = ops.sqrt(
        ops.abs(ops.mul(ops.slice(chosen, { axis: 1, end: 1 }), ops.reshape(waves, ["batch", 1]))),
      );
      const next = ops.mul(ops.add(x, ops.mean(rising)), 0.5);
      return { carried: { counter: ops.add(counter, 1), x: next }, stacked: { rising, waves } };
    });
  };
  const specs = { table: f32(rows, 3), plan: i64("steps", "batch"), start: i64() };
  const table = Float32Array.from({ length: rows * 3 }, (_, i) => Math.sin(i * i));
  using inside = await compile(f, specs);
  using ahead = await compile(f, specs, { sizes: { batch, steps: 40 } });
  for (const steps of [0, 1, 7, 40]) {
    const data = BigInt64Array.from({ length: steps * batch }, (_, i) => BigInt((i * i) % rows));
    const given = { table, plan: { dtype: "i64" as const, shape: [steps, batch], data }, start: 12_345 };
    expect(await ahead.run(given)).toStrictEqual(await inside.run(given));
  }
  const inBody = (sizes?: Record<string, number>) => {
    const { outputs } = trace(f, specs, sizes);
    const loop = reachable(outputs.map(({ tensor }) => tensor)).find(({ op }) => op === loopOp)!;
    const { parameters, carried, stacked } = loop.attributes as LoopAttributes;
    return dependents([...carried, ...stacked], parameters).length;
  };
  expect(inBody({ batch, steps: 40 })).toBeLessThan(inBody() / 2);
});

test("a counter that grows by more than a number holds exactly wraps around", async () => {
  const step = 0x1e37_79b9_7f4a_7c15n;
  const f = ({ start }: { start: Tensor }) =>
    repeat(6, { counter: start }, ({ counter }) => ({
      carried: { counter: ops.add(counter, constant(BigInt64Array.of(step), [])) },
      stacked: { lowest: ops.sub(counter, ops.mul(ops.div(counter, 1024), 1024)) },
    })).stacked.lowest;
  using program = await compile(f, { start: i64() });
  const lowest = Array.from({ length: 6 }, (_, i) => BigInt.asIntN(64, 5n + step * BigInt(i)) % 1024n);
  expect(Array.from((await program.run({ start: 5 })).data, BigInt)).toStrictEqual(lowest);
});

describe("each iteration computes only", () => {
  const counted = ({ x }: { x: Tensor }) =>
    repeat(5, { x }, ({ x: value }, i) => ({
      carried: { x: ops.mul(value, ops.cos(scramble(ops.cast(i, "f32")))) },
    }));

  test("what needs what is carried, and functions that round otherwise among others", () => {
    expect(bodyOf(counted, f32(3))).toStrictEqual(["gather", "cos", "mul"]);
  });

  test("chains of a node or two, which take as long as reading their result", () => {
    const short = ({ x }: { x: Tensor }) =>
      repeat(5, { x }, ({ x: value }, i) => ({
        carried: { x: ops.mul(value, ops.add(ops.cast(i, "f32"), 1)) },
      }));
    expect(bodyOf(short, f32(3))).toStrictEqual(["cast", "add", "mul"]);
  });

  test("many entries of so many iterations that a cache does not hold them", () => {
    const wide = (times: number | "steps", n: number) => (inputs: { x: Tensor }) =>
      repeat(times, inputs, ({ x }, i) => ({
        carried: {
          x: ops.mul(
            x,
            scramble(ops.add(ops.cast(i, "f32"), constant(Float32Array.from({ length: n }, (_, k) => k)))),
          ),
        },
      }));
    expect(bodyOf(wide(1024, 512), f32(512))).toStrictEqual(["gather", "mul"]);
    expect(bodyOf(wide(1025, 512), f32(512))).not.toContain("gather");
    expect(bodyOf(wide("steps", 512), f32(512))).not.toContain("gather");
    expect(bodyOf(wide("steps", 512), f32(512), { steps: 1024 })).toStrictEqual(["gather", "mul"]);
    expect(bodyOf(wide("steps", 512), f32(512), { steps: 1025 })).not.toContain("gather");
    expect(bodyOf(wide("steps", 64), f32(64))).toStrictEqual(["gather", "mul"]);
  });

  test("functions of entries that fill no packets", () => {
    const waves = (n: number) => (inputs: { x: Tensor }) =>
      repeat(5, inputs, ({ x }, i) => ({
        carried: {
          x: ops.mul(x, ops.cos(scramble(ops.add(ops.cast(i, "f64"), constant(new Float64Array(n)))))),
        },
      }));
    expect(bodyOf(waves(96), f64(96))).toStrictEqual(["gather", "mul"]);
    expect(bodyOf(waves(100), f64(100))).toStrictEqual(["gather", "cos", "mul"]);
  });

  test("what would take much memory in all iterations", () => {
    const long = (times: number, n: number) => (inputs: { x: Tensor }) =>
      repeat(times, inputs, ({ x }, i) => ({
        carried: { x: ops.add(x, scramble(ops.add(ops.cast(i, "f64"), constant(new Float64Array(n))))) },
      }));
    expect(bodyOf(long(1_000, 64), f64(64))).toContain("gather");
    expect(bodyOf(long(500_000, 1), f64(1))).toContain("gather");
    expect(bodyOf(long(1_000_000, 64), f64(64))).not.toContain("gather");
  });

  test("what starts from another loop's result", () => {
    const f = ({ x, n }: { x: Tensor; n: Tensor }) => {
      const { carried } = repeat(2, { n }, ({ n: value }) => ({ carried: { n: ops.mul(value, value) } }));
      return repeat(5, { x, n: carried.n }, (value) => ({
        carried: {
          x: ops.mul(value.x, scramble(ops.cast(value.n, "f32"))),
          n: ops.add(value.n, 1),
        },
      })).carried.x;
    };
    const { outputs } = trace(f, { x: f32(), n: i64() });
    const names = reachable(outputs.map(({ tensor }) => tensor)).map(({ op }) => op.name);
    expect(names.filter((name) => name === "loop")).toHaveLength(2);
    expect(names).not.toContain("gather");
  });
});

test("loops in loops read what their own number gives", async () => {
  const f = ({ x }: { x: Tensor }) =>
    repeat(3, { x }, ({ x: outer }, i) => {
      const key = scramble(ops.cast(i, "f64"));
      const { carried } = repeat(2, { x: outer }, ({ x: inner }, j) => ({
        carried: {
          x: ops.add(ops.mul(inner, 0.5), scramble(ops.add(ops.cast(j, "f64"), ops.cast(i, "f64")))),
        },
      }));
      return { carried: { x: ops.add(carried.x, key) } };
    }).carried.x;
  using program = await compile(f, { x: f64() });
  let x = 0.125;
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 2; j++) x = x * 0.5 + scrambled(j + i);
    x += scrambled(i);
  }
  expect((await program.run({ x: 0.125 })).data[0]).toBe(x);
});

test("derivatives and vectorized loops are those of the same steps written out", async () => {
  const weight = (i: number) => scrambled(i) / 3 + 0.1;
  const f = (x: Tensor) =>
    repeat(4, { x }, ({ x: value }, i) => ({
      carried: { x: ops.square(ops.mul(value, ops.add(ops.div(scramble(ops.cast(i, "f64")), 3), 0.1))) },
    })).carried.x;
  const written = (x: Tensor) => {
    let value = x;
    for (let i = 0; i < 4; i++) value = ops.square(ops.mul(value, weight(i)));
    return value;
  };
  const both =
    (g: typeof f) =>
    ({ x }: { x: Tensor }) => ({
      value: vmap(g)(x),
      slope: vmap(gradient(g))(x),
    });
  using looped = await compile(both(f), { x: f64(3) });
  using plain = await compile(both(written), { x: f64(3) });
  const x = { dtype: "f64" as const, shape: [3], data: Float64Array.of(0.9, 1.1, -1.3) };
  const [got, expected] = [await looped.run({ x }), await plain.run({ x })];
  expect(got.value.data).toStrictEqual(expected.value.data);
  got.slope.data.forEach((value, i) => {
    expect(Number(value)).toBeCloseTo(Number(expected.slope.data[i]), 12);
  });
});
