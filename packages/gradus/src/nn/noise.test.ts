import {
  add,
  array,
  compile,
  f64,
  gradient,
  i64,
  item,
  mul,
  repeat,
  square,
  sub,
  sum,
  type Tensor,
  toNumbers,
} from "@gradus/graph";
import { expect, test } from "vitest";
import { runtime as wasm } from "../../../graph/src/runtime/browser.ts";
import { runtime as native } from "../../../graph/src/runtime/node.ts";
import { ArgumentError } from "../check/errors.ts";
import { solve } from "../iterate/iterate.ts";
import { meanSquaredError } from "../losses/traced/regression.ts";
import { randomStream } from "../random/stream.ts";
import { normalCdf } from "../statistics/normal-distribution.ts";
import { sgd } from "../train/sgd.ts";
import { train } from "../train/train.ts";
import { noiseCounter, normalNoise, uniformNoise } from "./noise.ts";

const [steps, rows, columns] = [64, 128, 128];
const perStep = rows * columns;

/** Draws of several steps, from a loop as training has it. */
async function draws(noise: typeof uniformNoise, seed: number, first: number): Promise<Float64Array> {
  using program = await compile(
    ({ counter }) =>
      repeat(steps, counter, (at) => ({
        carried: add(at, 1),
        stacked: noise([rows, columns], { seed, counter: at, dtype: "f64" }),
      })).stacked,
    { counter: i64() },
    { threads: 1 },
  );
  return Float64Array.from((await program.run({ counter: first })).data, Number);
}

/** How far chi-square of the counts in equal cells is from its mean, in standard deviations. */
function deviations(cells: number, cellOf: Iterable<number>): number {
  const counts = new Float64Array(cells);
  let n = 0;
  for (const cell of cellOf) {
    counts[cell] += 1;
    n += 1;
  }
  const chiSquare = counts.reduce((s, count) => s + (count - n / cells) ** 2 / (n / cells), 0);
  return Math.abs(chiSquare - (cells - 1)) / Math.sqrt(2 * (cells - 1));
}

function* pairs(u: Float64Array, lag: number, parts: number) {
  for (let i = 0; i + lag < u.length; i++)
    yield Math.floor(u[i] * parts) * parts + Math.floor(u[i + lag] * parts);
}

const lags = { column: 1, row: columns, diagonal: columns + 1, step: perStep, "next step": perStep + 1 };

test("uniform noise fills its interval evenly, in its first and its last bits, at every place and step", async () => {
  const u = await draws(uniformNoise, 1, 0);
  expect(u.every((v) => v > 0 && v < 1)).toBe(true);
  expect(
    deviations(
      4096,
      u.map((v) => Math.floor(v * 4096)),
    ),
  ).toBeLessThan(5);
  // Bits 13 to 24.
  expect(
    deviations(
      4096,
      u.map((v) => Math.floor(((v * 4096) % 1) * 4096)),
    ),
  ).toBeLessThan(5);
  const dispersion = (groups: number, groupOf: (i: number) => number) => {
    const sums = new Float64Array(groups);
    u.forEach((v, i) => {
      sums[groupOf(i)] += v - 0.5;
    });
    const total = sums.reduce((s, v) => s + v * v, 0) * 12 * (groups / u.length);
    return Math.abs(total - groups) / Math.sqrt(2 * groups);
  };
  expect(dispersion(perStep, (i) => i % perStep)).toBeLessThan(5);
  expect(dispersion(steps, (i) => Math.floor(i / perStep))).toBeLessThan(5);
  expect(dispersion(steps * rows, (i) => Math.floor(i / columns))).toBeLessThan(5);
  expect(dispersion(steps * columns, (i) => Math.floor(i / perStep) * columns + (i % columns))).toBeLessThan(
    5,
  );
});

test("a long column is as even as many short ones", async () => {
  const long = 200_000;
  for (const width of [1, 2]) {
    using program = await compile(
      ({ counter }) => {
        const u = sub(uniformNoise([long, width], { seed: 3, counter, dtype: "f64" }), 0.5);
        return { first: sum(u), second: sum(sub(square(u), 1 / 12)) };
      },
      { counter: i64() },
    );
    const n = long * width;
    let [first, second] = [0, 0];
    const draws = 60;
    for (let counter = 0; counter < draws; counter++) {
      const result = await program.run({ counter });
      first += item(result.first) ** 2 / (n / 12);
      second += item(result.second) ** 2 / (n / 180);
    }
    // sums of squares of standard normal numbers
    for (const total of [first, second])
      expect(Math.abs(total - draws) / Math.sqrt(2 * draws)).toBeLessThan(5);
  }
});

test("neighbors in a row, a column and time are independent", async () => {
  const u = await draws(uniformNoise, 2, 12_345_678_901);
  for (const [name, lag] of Object.entries(lags)) {
    let covariance = 0;
    for (let i = 0; i + lag < u.length; i++) covariance += (u[i] - 0.5) * (u[i + lag] - 0.5);
    expect(Math.abs(covariance * 12) / Math.sqrt(u.length - lag), name).toBeLessThan(5);
    expect(deviations(64 * 64, pairs(u, lag, 64)), name).toBeLessThan(5);
  }
});

test("another seed, or a counter far away, draws unrelated numbers", async () => {
  const [u, v, w] = [
    await draws(uniformNoise, 3, 0),
    await draws(uniformNoise, 4, 0),
    await draws(uniformNoise, 3, 2 ** 30),
  ];
  for (const other of [v, w]) {
    const cells = Float64Array.from(u, (a, i) => Math.floor(a * 64) * 64 + Math.floor(other[i] * 64));
    expect(deviations(4096, cells)).toBeLessThan(5);
  }
});

test("the numbers are those of the formula in whole-number arithmetic", async () => {
  // Words are integers here; the middle of a 52-bit square is its multiple of 2^-13, ties to even.
  const range = 1n << 26n;
  const nearest = (x: bigint, unit: bigint) => {
    const low = ((x % unit) + unit) % unit;
    const down = x - low;
    const twice = 2n * low - unit;
    return twice < 0n || (twice === 0n && (down / unit) % 2n === 0n) ? down : down + unit;
  };
  // x in units of 2^-26 of the float's: 2^13 of them are a unit, 2^39 the range.
  const wrap = (x: bigint) => x - nearest(x, range << 13n);
  const middle = (x: bigint) => nearest(wrap(x), 1n << 13n) >> 13n;
  const stream = randomStream(9).split("noise");
  const words = (count: number) =>
    Array.from({ length: count }, () => BigInt(stream.integer(2 ** 26)) - range / 2n);
  const round = (x: bigint, y: bigint) => middle(x * x + (y << 13n));
  const hash = (x: bigint, y: bigint, keys: readonly bigint[]) => {
    let [left, right] = [x, y];
    for (const key of keys) [left, right] = [round(left + key, right), left];
    return left;
  };
  const counter = 987_654_321_012n;
  const low = wrap(counter << 13n) >> 13n;
  const counterKeys = Array.from({ length: 4 }, () => words(3));
  const keys = [0, 1, 2].map((k) =>
    hash(
      low,
      (counter - low) / range,
      counterKeys.map((key) => key[k]),
    ),
  );
  const axis = () => {
    const [start] = words(1);
    const roundKeys = Array.from({ length: 4 }, () => words(1)[0]);
    return (index: number) => hash(BigInt(index), start, roundKeys);
  };
  const row = axis();
  const column = axis();
  using program = await compile(
    ({ counter }) => uniformNoise([5, 3, 2], { seed: 9, counter, dtype: "f64" }),
    { counter: i64() },
  );
  const actual = toNumbers(await program.run({ counter: Number(counter) }));
  for (let i = 0; i < 5; i++)
    for (let j = 0; j < 6; j++) {
      const c = column(j) + keys[0];
      const a = middle((row(i) + keys[1]) * c);
      const b = round(a, row(i) + keys[2]);
      const last = wrap(a * b + (c << 13n));
      expect(actual[6 * i + j]).toBe((Number(last) / 2 ** 39) * (1 - 2 ** -23) + 0.5);
    }
});

test("native and WebAssembly draw the same bits, in a loop and out of it, for a named dimension and a known one", async () => {
  const at = (runtime: typeof native) =>
    compile(
      ({ counter, x }) => ({
        alone: uniformNoise([6, 5], { seed: 5, counter }),
        named: uniformNoise([x.shape[0], 5], { seed: 5, counter }),
        normal: normalNoise([6, 5], { seed: 6, counter }),
        loop: repeat(3, counter, (n) => ({
          carried: add(n, 1),
          stacked: uniformNoise([6, 5], { seed: 5, counter: n }),
        })).stacked,
        used: sum(x),
      }),
      { counter: i64(), x: f64("n") },
      { runtime },
    );
  using here = await at(native);
  using there = await at(wasm);
  const inputs = { counter: 2 ** 40 + 7, x: new Float64Array(6) };
  const [a, b] = [await here.run(inputs), await there.run(inputs)];
  expect(b).toStrictEqual(a);
  expect(toNumbers(a.named)).toStrictEqual(toNumbers(a.alone));
  expect(toNumbers(a.loop).slice(0, 30)).toStrictEqual(toNumbers(a.alone));
  expect(toNumbers(a.loop).slice(30, 60)).not.toStrictEqual(toNumbers(a.alone));
});

test("normal noise follows the normal distribution, each number and each pair", async () => {
  const z = await draws(normalNoise, 7, 100);
  const moment = (power: number) => z.reduce((s, v) => s + v ** power, 0) / z.length;
  // Standard errors sqrt(var z^k / n).
  const unit = 5 / Math.sqrt(z.length);
  expect(Math.abs(moment(1))).toBeLessThan(unit);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(unit * Math.sqrt(2));
  expect(Math.abs(moment(3))).toBeLessThan(unit * Math.sqrt(15));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(unit * Math.sqrt(96));
  const u = z.map(normalCdf);
  expect(
    deviations(
      1024,
      u.map((v) => Math.floor(v * 1024)),
    ),
  ).toBeLessThan(5);
  for (const lag of [1, columns / 2, columns, perStep])
    expect(deviations(1024, pairs(u, lag, 32))).toBeLessThan(5);
});

test("odd and empty shapes have their size, and derivatives pass noise by", async () => {
  using program = await compile(
    ({ x }) => ({
      scalar: normalNoise([], { seed: 1, counter: 3 }),
      odd: normalNoise([2, 3], { seed: 1, counter: 3 }),
      slope: gradient((v: Tensor) => sum(mul(v, uniformNoise([4], { seed: 1, counter: 3, dtype: "f64" }))))(
        x,
      ),
      noise: uniformNoise([4], { seed: 1, counter: 3, dtype: "f64" }),
    }),
    { x: f64(4) },
  );
  const { scalar, odd, slope, noise } = await program.run({ x: new Float64Array(4) });
  expect(scalar.shape).toStrictEqual([]);
  expect(odd.shape).toStrictEqual([2, 3]);
  expect(new Set(toNumbers(odd)).size).toBe(6);
  expect(toNumbers(slope)).toStrictEqual(toNumbers(noise));
});

test("counters start where the stream says, and named dimensions after the first are rejected", () => {
  expect(noiseCounter(randomStream(1))).toStrictEqual(noiseCounter(randomStream(1)));
  expect(noiseCounter(randomStream(1))).not.toStrictEqual(noiseCounter(randomStream(2)));
  expect(() => uniformNoise([2, "n"], { seed: 1, counter: 0 })).toThrow(ArgumentError);
});

test("a denoiser trained on fresh noise at each step finds the factor 1/(1 + s^2) of the closed form", async () => {
  // E (w (x + s z) - x)^2 with E x^2 = 1 has its minimum s^2/(1 + s^2) at w = 1/(1 + s^2).
  const n = 512;
  const x = Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1));
  const s = 0.5;
  const run = train({
    parameters: { w: array(Float64Array.of(0)) },
    modelState: { counter: noiseCounter(randomStream(3)) },
    data: { x: array(x) },
    loss: ({ w }, batch, { modelState: { counter } }) => {
      const z = normalNoise(batch.x.shape, { seed: 1, counter, dtype: "f64" });
      const loss = meanSquaredError(mul(w, add(batch.x, mul(z, s))), batch.x);
      return { loss, modelState: { counter: add(counter, 1) } };
    },
    optimizer: sgd({ learningRate: 0.01 }),
    batchSize: "full",
    epochs: 2000,
    epochsPerIterate: 1000,
  });
  const { iterate } = await solve(run);
  // The last 100 steps count: 50,000 draws of noise of variance 1/4 in the gradient.
  expect(Math.abs(item(iterate.parameters.w) - 1 / (1 + s * s))).toBeLessThan(0.02);
  expect(Math.abs(Number(iterate.loss) - (s * s) / (1 + s * s))).toBeLessThan(0.01);
});
