import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import * as ops from "../ops/index.ts";
import { simplify } from "../simplify.ts";
import { f64, input, reachable, type Tensor } from "../tensor.ts";

const names = (...outputs: Tensor[]) => reachable(simplify(outputs)).map(({ op }) => op.name);
const of = (...shape: number[]) => input("x", { dtype: "f64", shape });
const counted = (length: number, shape: readonly number[]) =>
  array(
    Float64Array.from({ length }, (_, i) => i + 1),
    shape,
  );

test("the cotangents of all parts of a tensor are joined without zeros", () => {
  const weights = [2, 3, 5];
  const loss = (x: Tensor) =>
    ops
      .split(x, [1, 4, 2], { axis: 1 })
      .map((part, i) => ops.sum(ops.mul(ops.square(part), weights[i])))
      .reduce((a, b) => ops.add(a, b));
  const used = names(gradient(loss)(of(3, 7)));
  expect(used).not.toContain("pad");
  expect(used.filter((name) => name === "concat")).toHaveLength(1);
});

test("what does not meet, or meets along another axis, stays a sum", () => {
  const [a, b] = [of(2, 3), of(2, 3)];
  const at = (x: Tensor, before: number, after: number) =>
    ops.pad(x, [
      [0, 0],
      [before, after],
    ]);
  expect(names(ops.add(at(a, 0, 4), at(b, 4, 0)))).toContain("add");
  expect(names(ops.add(at(a, 0, 2), at(b, 2, 0)))).toContain("add");
  const down = ops.pad(input("y", { dtype: "f64", shape: [1, 6] }), [
    [1, 0],
    [0, 0],
  ]);
  expect(names(ops.add(at(a, 0, 3), down))).toContain("add");
});

/** Queries, keys and values as exported attention takes them from one product. */
function heads(x: Tensor): Tensor[] {
  const moved = ops.transpose(ops.reshape(x, [1, 4, 2, 3, 5]), [3, 1, 2, 0, 4]);
  const parts = ops.reshape(moved, [3, 4, 2, 5]);
  return [0, 1, 2].map((k) => ops.reshape(ops.slice(parts, { start: k, end: k + 1 }), [4, 2, 5]));
}

test("queries, keys and values are taken from their product, and their cotangents joined, in order", () => {
  const loss = (x: Tensor) => {
    const [q, k, v] = heads(x);
    return ops.sum(ops.mul(ops.mul(ops.sin(q), k), v));
  };
  const used = names(gradient(loss)(of(4, 2, 15)));
  expect(used).not.toContain("transpose");
  expect(used).not.toContain("pad");
});

test("joined, reshaped and cut, the numbers are those of the operations one by one", async () => {
  const x = counted(120, [4, 2, 15]);
  using program = await compile(
    ({ x }) => ({
      heads: heads(x),
      join: ops.transpose(ops.stack(heads(x), { axis: 0 }), [1, 2, 0, 3]),
      zeros: ops.add(
        ops.pad(x, [
          [1, 5],
          [0, 0],
          [0, 0],
        ]),
        ops.pad(ops.neg(x), [
          [5, 1],
          [0, 0],
          [0, 0],
        ]),
      ),
    }),
    { x: f64(4, 2, 15) },
  );
  const result = await program.run({ x });
  const at = (i: number, j: number, k: number) => 30 * i + 15 * j + k + 1;
  result.heads.forEach((head, part) => {
    const wanted = [0, 1, 2, 3].flatMap((i) =>
      [0, 1].flatMap((j) => [0, 1, 2, 3, 4].map((k) => at(i, j, 5 * part + k))),
    );
    expect(Array.from(toNumbers(head))).toStrictEqual(wanted);
  });
  expect(Array.from(toNumbers(result.join))).toStrictEqual(Array.from(toNumbers(x)));
  const row = (i: number) => Array.from({ length: 30 }, (_, k) => 30 * i + k + 1);
  const wanted = Array.from({ length: 10 }, (_, i) => {
    if (i >= 1 && i < 5) return row(i - 1);
    if (i >= 5 && i < 9) return row(i - 5).map((value) => -value);
    return new Array<number>(30).fill(0);
  });
  expect(Array.from(toNumbers(result.zeros))).toStrictEqual(wanted.flat());
});
