import { describe, expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import * as ops from "../ops/index.ts";
import { simplify } from "../simplify.ts";
import { f64, input, reachable, type Tensor } from "../tensor.ts";

const [p, r, d, m] = [5, 3, 4, 2];
const counted = (length: number, scale: number) =>
  Float64Array.from({ length }, (_, i) => Math.sin(scale * (i + 1)));
const given = {
  ...{ offset: counted(r * d, 1.3), scale: counted(r * d, 0.7), each: counted(p * d, 2.1) },
  ...{ w: counted(d * m, 0.9), bias: counted(m, 0.4), row: counted(d, 1.7) },
};
const inputs = {
  ...given,
  offset: array(given.offset, [r, d]),
  scale: array(given.scale, [r, d]),
  each: array(given.each, [p, d]),
};
type Parts = { readonly [K in keyof typeof given]: Tensor };
const signature = {
  ...{ offset: f64("r", d), scale: f64("r", d), each: f64("p", d) },
  ...{ w: f64(d, m), bias: f64(m), row: f64(d) },
};

const scaled = ({ scale, each }: Parts) => ops.mul(scale, ops.expandDims(each, 1));
const asRows = (x: Tensor) => ops.reshape(x, [-1, d]);
const rows = (parts: Parts) => asRows(ops.add(parts.offset, scaled(parts)));

/** Entry j of the row that perturbation k makes of row i. */
const entry = (k: number, i: number, j: number, withOffset = 1) =>
  withOffset * given.offset[i * d + j] + given.scale[i * d + j] * given.each[k * d + j];

/** The product of composed rows, each entry changed first, with w. */
function expected(change: (x: number, j: number) => number, { offset = 1, bias = 0 } = {}): number[] {
  const values: number[] = [];
  for (let k = 0; k < p; k++)
    for (let i = 0; i < r; i++)
      for (let column = 0; column < m; column++) {
        let sum = bias * given.bias[column];
        for (let j = 0; j < d; j++) sum += change(entry(k, i, j, offset), j) * given.w[j * m + column];
        values.push(sum);
      }
  return values;
}

const { row } = given;
const cases: readonly (readonly [string, (parts: Parts) => Tensor, readonly number[]])[] = [
  ["times weights", (all) => ops.matmul(rows(all), all.w), expected((x) => x)],
  [
    "times transposed weights",
    (all) => ops.matmul(rows(all), ops.transpose(ops.neg(ops.transpose(all.w)))),
    expected((x) => -x),
  ],
  ["with a bias", (all) => ops.add(all.bias, ops.matmul(rows(all), all.w)), expected((x) => x, { bias: 1 })],
  ["without an offset", (all) => ops.matmul(asRows(scaled(all)), all.w), expected((x) => x, { offset: 0 })],
  [
    "standardized",
    (all) => ops.add(ops.matmul(ops.div(ops.sub(rows(all), all.row), all.row), all.w), all.bias),
    expected((x, j) => (x - row[j]) / row[j], { bias: 1 }),
  ],
  [
    "scaled and moved",
    (all) => ops.matmul(ops.add(all.row, ops.mul(rows(all), all.row)), all.w),
    expected((x, j) => x * row[j] + row[j]),
  ],
];

describe("composed rows", () => {
  const traced = Object.fromEntries(
    Object.entries(signature).map(([name, spec]) => [name, input(name, spec)]),
  ) as unknown as Parts;

  test.each(cases)("%s: none is formed", (_, f) => {
    const formed = reachable(simplify([f(traced)])).filter(
      ({ shape }) => shape.at(-1) === d && shape.includes("p") && shape.includes("r"),
    );
    expect(formed).toStrictEqual([]);
  });

  test.each(cases)("%s: the numbers are those of loops", async (_, f, wanted) => {
    using program = await compile(f, signature);
    const found = toNumbers(await program.run(inputs));
    wanted.forEach((value, i) => {
      expect(found[i]).toBeCloseTo(value, 13);
    });
  });

  test("a bias costs no pass of its own", () => {
    const withBias = simplify([ops.add(ops.matmul(rows(traced), traced.w), traced.bias)]);
    const added = reachable(withBias).filter(({ op }) => op.name === "add");
    expect(added.filter(({ shape }) => shape.join().includes("p"))).toHaveLength(1);
  });

  test("their offset's gradient is a product of sums", async () => {
    const loss = (all: Parts) => (offset: Tensor) =>
      ops.sum(ops.square(ops.add(ops.matmul(rows({ ...all, offset }), all.w), all.bias)));
    const nodes = reachable(simplify([gradient(loss(traced))(traced.offset)]));
    expect(nodes.filter(({ shape }) => shape.at(-1) === d && shape.join().includes("p*r"))).toStrictEqual([]);
    using program = await compile((all) => gradient(loss(all))(all.offset), signature);
    const found = toNumbers(await program.run(inputs));
    const outputs = expected((x) => x, { bias: 1 });
    for (let i = 0; i < r; i++)
      for (let j = 0; j < d; j++) {
        let wanted = 0;
        for (let k = 0; k < p; k++)
          for (let column = 0; column < m; column++)
            wanted += 2 * outputs[(k * r + i) * m + column] * given.w[j * m + column];
        expect(found[i * d + j]).toBeCloseTo(wanted, 12);
      }
  });

  test("they are formed for other operations, and for weights of many columns", () => {
    const isFormed = (t: Tensor) =>
      reachable(simplify([t])).some(({ shape }) => shape[0] === "p*r" && shape[1] === d);
    expect(isFormed(ops.matmul(ops.sin(rows(traced)), traced.w))).toBe(true);
    expect(isFormed(ops.matmul(rows(traced), input("wide", f64(d, 100))))).toBe(true);
    const each = input("each", f64(200, d));
    expect(isFormed(ops.matmul(rows({ ...traced, each }), input("wide", f64(d, 100))))).toBe(false);
  });
});

test("a sum of all rows of a product, or of its columns, stays one", () => {
  const product = ops.matmul(input("a", f64(6, 6)), input("w", f64(6, 4)));
  const last = (t: Tensor) => simplify([t])[0].op.name;
  expect(last(ops.sum(product, { axes: 0 }))).toBe("sum");
  expect(last(ops.sum(ops.reshape(product, [2, 3, 4]), { axes: [0, 1] }))).toBe("sum");
  expect(last(ops.sum(ops.reshape(product, [2, 3, 4]), { axes: 2 }))).toBe("sum");
  expect(last(ops.sum(ops.reshape(product, [2, 3, 4]), { axes: 1 }))).toBe("matmul");
});
