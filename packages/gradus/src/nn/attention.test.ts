import {
  array,
  bool,
  compile,
  constant,
  exportOnnx,
  f32,
  f64,
  i64,
  mul,
  specsOf,
  toNumbers,
} from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { runtime as native } from "../../../graph/src/runtime/node.ts";
import { randomStream } from "../random/stream.ts";
import { type AttentionOptions, attention, attentionParameters } from "./attention.ts";
import { embedding, embeddingParameters } from "./embedding.ts";
import { assertGradient, normals } from "./models/test-support.ts";

const [batch, length, width, heads] = [2, 5, 6, 3];
const start = { stream: randomStream(1), dtype: "f64" } as const;
const parameters = attentionParameters({ width, ...start });
const x = normals(2, [batch, length, width]);

/** Attention by its formula, position by position. */
function byFormula(
  data: ArrayLike<number>,
  seen: (query: number, key: number, row: number) => boolean,
): number[] {
  const [input, output] = [parameters.inputs, parameters.outputs].map(({ weights, bias }) => ({
    weights: toNumbers(weights),
    bias: toNumbers(bias),
  }));
  const each = width / heads;
  const all: number[] = [];
  for (let b = 0; b < batch; b++) {
    const feature = (at: number, column: number) => {
      let total = input.bias[column];
      for (let i = 0; i < width; i++)
        total += data[(b * length + at) * width + i] * input.weights[i * 3 * width + column];
      return total;
    };
    for (let query = 0; query < length; query++) {
      const joined = Array.from({ length: width }, (_, column) => {
        const head = Math.floor(column / each);
        const keys = [...new Array(length).keys()].filter((key) => seen(query, key, b));
        const weights = keys.map((key) => {
          let score = 0;
          for (let d = head * each; d < (head + 1) * each; d++)
            score += feature(query, d) * feature(key, width + d);
          return Math.exp(score / Math.sqrt(each));
        });
        const total = weights.reduce((a, c) => a + c);
        return keys.reduce(
          (mixed, key, i) => mixed + (weights[i] / total) * feature(key, 2 * width + column),
          0,
        );
      });
      for (let j = 0; j < width; j++)
        all.push(joined.reduce((total, v, i) => total + v * output.weights[i * width + j], output.bias[j]));
    }
  }
  return all;
}

const present = [
  [true, true, true, true, true],
  [false, true, true, false, false],
];
const mask = () => constant(Uint8Array.from(present.flat(), Number), [batch, length]);

describe("attention", () => {
  test.each<[string, () => Partial<AttentionOptions>, Parameters<typeof byFormula>[1]]>([
    ["of all positions", () => ({}), () => true],
    ["of earlier positions", () => ({ causal: true }), (query, key) => key <= query],
    ["of positions that are present", () => ({ mask: mask() }), (_, key, row) => present[row][key]],
    [
      "of earlier positions that are present, or of all earlier ones where none is",
      () => ({ mask: mask(), causal: true }),
      (query, key, row) =>
        key <= query && (present[row][key] || !present[row].slice(0, query + 1).includes(true)),
    ],
  ])("%s is the formula's", async (name, options, seen) => {
    using program = await compile(({ p, x }) => attention(p, x, { heads, ...options() }), {
      p: specsOf(parameters),
      x: f64(batch, length, width),
    });
    const expected = byFormula(x.data, seen);
    const actual = toNumbers(await program.run({ p: parameters, x }));
    // A position that sees none hears all it may see evenly, which the formula's scores are not.
    const compared = [...expected.keys()].filter(
      (i) => !name.includes("or of all") || i < length * width || i >= (length + 1) * width,
    );
    for (const i of compared) expect(actual[i]).toBeCloseTo(expected[i], 12);
    expect(actual.every(Number.isFinite)).toBe(true);
  });

  test("its gradient is that of central differences", async () => {
    await assertGradient(parameters, (p) =>
      attention(p, constant(x.data, x.shape), { heads, causal: true, mask: mask() }),
    );
  });

  test("leaves as ONNX with batches and lengths of any size", async () => {
    const own = attentionParameters({ width, stream: randomStream(1) });
    const file = exportOnnx(
      ({ p, x, mask }) => ({ y: attention(p, x, { heads, causal: true, mask }) }),
      { x: f32("batch", "length", width), mask: bool("batch", "length") },
      { constants: { p: own } },
    );
    const session = await native.load(file, {});
    for (const [rows, positions] of [
      [1, 1],
      [3, 4],
    ]) {
      const input = array(Float32Array.from(normals(3, [rows, positions, width]).data), [
        rows,
        positions,
        width,
      ]);
      const all = array(new Uint8Array(rows * positions).fill(1), [rows, positions]);
      const [y] = await session.run([input, all]);
      using program = await compile(({ p, x }) => attention(p, x, { heads, causal: true }), {
        p: specsOf(own),
        x: f32(rows, positions, width),
      });
      const expected = toNumbers(await program.run({ p: own, x: input }));
      expect(y.shape).toEqual([rows, positions, width]);
      for (const [i, v] of toNumbers(y).entries()) expect(v).toBeCloseTo(expected[i], 5);
    }
    await session.release();
  });

  test("weights that are dropped in part weigh the values as what is left of them", async () => {
    using program = await compile(
      ({ p, x }) =>
        [2, 0].map((factor) => attention(p, x, { heads, dropWeights: (weights) => mul(weights, factor) })),
      { p: specsOf(parameters), x: f64(batch, length, width) },
    );
    using plain = await compile(({ p, x }) => attention(p, x, { heads }), {
      p: specsOf(parameters),
      x: f64(batch, length, width),
    });
    const given = {
      p: parameters,
      x: array(normals(3, [batch, length, width]).data, [batch, length, width]),
    };
    const [[twice, none], once] = [
      (await program.run(given)).map(toNumbers),
      toNumbers(await plain.run(given)),
    ];
    const bias = toNumbers(parameters.outputs.bias);
    for (const [i, v] of once.entries()) {
      expect(none[i]).toBeCloseTo(bias[i % width], 12);
      expect(twice[i] - bias[i % width]).toBeCloseTo(2 * (v - bias[i % width]), 12);
    }
  });

  test("refuses heads, inputs and masks that do not fit", () => {
    const traced = { p: specsOf(parameters), x: f64(batch, length, width) };
    const trying = (options: AttentionOptions, specs = traced) =>
      compile(({ p, x }) => attention(p, x, options), specs);
    return Promise.all([
      expect(trying({ heads, dropWeights: 0.1 as never })).rejects.toThrow("dropWeights must be a function"),
      expect(trying({ heads: 4 })).rejects.toThrow(
        "heads must be an integer that divides the width 6, got 4",
      ),
      expect(trying({ heads }, { ...traced, x: f64(batch, width) })).rejects.toThrow(
        "x must be [batch, length, width], got [2, 6]",
      ),
      expect(trying({ heads, mask: constant(Float64Array.of(1, 0)) })).rejects.toThrow(
        "mask must be boolean [batch, length], got f64 [2]",
      ),
    ]);
  });
});

describe("an embedding", () => {
  const weights = embeddingParameters({ entries: 4, width: 3, ...start });

  test("gives the rows of its indices, and its gradient adds to them", async () => {
    using program = await compile(({ p, i }) => embedding(p, i), {
      p: specsOf(weights),
      i: i64(2, 2),
    });
    const y = await program.run({ p: weights, i: array(BigInt64Array.of(3n, 0n, 0n, 2n), [2, 2]) });
    const rows = toNumbers(weights.weights);
    expect(y.shape).toEqual([2, 2, 3]);
    expect(toNumbers(y)).toEqual([3, 0, 0, 2].flatMap((i) => rows.slice(3 * i, 3 * i + 3)));
    await assertGradient(weights, (p) => embedding(p, constant(BigInt64Array.of(3n, 0n, 0n, 2n))));
  });

  test("starts with a standard deviation of 0.02", () => {
    const { data } = embeddingParameters({ entries: 100, width: 100, ...start }).weights;
    const squares = Array.from(data, Number).reduce((total, v) => total + v * v, 0);
    expect(Math.sqrt(squares / data.length)).toBeCloseTo(0.02, 3);
  });
});
