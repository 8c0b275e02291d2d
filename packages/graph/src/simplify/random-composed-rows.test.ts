// Programs on composed rows against the same programs on rows that come from outside, where there is nothing to rewrite.
import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { gradient } from "../differentiate.ts";
import { productOf } from "../dimension-polynomials.ts";
import { numbers as generator } from "../ops/derivative-harness.ts";
import * as ops from "../ops/index.ts";
import { f64, type Tensor } from "../tensor.ts";

const steps = {
  add: (x: Tensor, row: Tensor) => ops.add(x, row),
  "add to": (x: Tensor, row: Tensor) => ops.add(row, x),
  subtract: (x: Tensor, row: Tensor) => ops.sub(x, row),
  "subtract from": (x: Tensor, row: Tensor) => ops.sub(row, x),
  multiply: (x: Tensor, row: Tensor) => ops.mul(x, row),
  divide: (x: Tensor, row: Tensor) => ops.div(x, row),
};
const names = ["offset", "scale", "each", "w", "bias", "row"] as const;
type Parts = Readonly<Record<(typeof names)[number], Tensor>>;
type Others = Pick<Parts, "w" | "bias" | "row">;

test.each(Array.from({ length: 120 }, (_, i) => i))("program %i", async (seed) => {
  const uniform = generator(seed);
  const pick = <T>(values: readonly T[]) => values[Math.floor(uniform() * values.length)];
  const maybe = () => uniform() < 0.5;
  const [p, r, d, m] = [pick([0, 1, 2, 5]), pick([0, 1, 2, 3]), pick([1, 2, 4]), pick([1, 2, 3])];
  const [perturbations, rows, features] = [pick(["p", p]), pick(["r", r]), pick(["d", d])];
  const chain = Array.from({ length: Math.floor(4 * uniform()) }, () => pick(Object.values(steps)));
  const [hasOffset, hasLeading, isTransposed, hasBias, isUsedTwice] = Array.from({ length: 5 }, maybe);

  const numbers = (length: number) => Float64Array.from({ length }, () => 0.3 + uniform());
  const [own, each] = [r * d, p * d];
  const given = { offset: numbers(own), scale: numbers(own), each: numbers(each), formed: numbers(p * own) };
  for (let k = 0; k < p; k++)
    for (let i = 0; i < own; i++)
      given.formed[k * own + i] =
        (hasOffset ? given.offset[i] : 0) + given.scale[i] * given.each[k * d + (i % d)];

  const composed = ({ offset, scale, each }: Parts) => {
    const lead = (t: Tensor) => (hasLeading ? ops.expandDims(t, 0) : t);
    const product = ops.mul(ops.expandDims(each, 1), lead(scale));
    return ops.reshape(hasOffset ? ops.add(product, lead(offset)) : product, [-1, features]);
  };
  const outputs = (x: Tensor, { w, bias, row }: Others) => {
    const changed = chain.reduce((t, step) => step(t, row), x);
    const product = ops.matmul(changed, isTransposed ? ops.matrixTranspose(w) : w);
    const y = hasBias ? ops.add(product, bias) : product;
    return isUsedTwice ? ops.add(y, ops.sum(ops.sin(changed), { axes: 1, keepDims: true })) : y;
  };
  const loss = (y: Tensor, cotangent: Tensor) => ops.sum(ops.mul(ops.square(y), cotangent));

  const others = { w: isTransposed ? f64(m, features) : f64(features, m), bias: f64(m), row: f64(features) };
  const signature = {
    offset: f64(rows, features),
    scale: f64(rows, features),
    each: f64(perturbations, features),
  };
  using rewritten = await compile(
    ({ cotangent, ...parts }) => ({
      y: outputs(composed(parts), parts),
      ...gradient((all: Parts) => loss(outputs(composed(all), all), cotangent))(parts),
    }),
    { ...signature, ...others, cotangent: f64(productOf([perturbations, rows]), m) },
  );
  using plain = await compile(
    ({ cotangent, ...parts }) => ({
      y: outputs(parts.formed, parts),
      ...gradient(({ formed, ...all }: typeof parts) => loss(outputs(formed, all), cotangent))(parts),
    }),
    { formed: f64("n", features), ...others, cotangent: f64("n", m) },
  );
  const shared = {
    w: array(numbers(d * m), isTransposed ? [m, d] : [d, m]),
    ...{ bias: array(numbers(m)), row: array(numbers(d)), cotangent: array(numbers(p * r * m), [p * r, m]) },
  };
  const found = await rewritten.run({
    ...{
      offset: array(given.offset, [r, d]),
      scale: array(given.scale, [r, d]),
      each: array(given.each, [p, d]),
    },
    ...shared,
  });
  const { formed, ...wanted } = await plain.run({ formed: array(given.formed, [p * r, d]), ...shared });

  // What the entries of formed rows have as cotangents, the parts have by the product rule.
  const slopes = toNumbers(formed);
  const parts = { offset: numbers(own).fill(0), scale: numbers(own).fill(0), each: numbers(each).fill(0) };
  for (let k = 0; k < p; k++)
    for (let i = 0; i < own; i++) {
      const [slope, at] = [slopes[k * own + i], k * d + (i % d)];
      if (hasOffset) parts.offset[i] += slope;
      parts.scale[i] += slope * given.each[at];
      parts.each[at] += slope * given.scale[i];
    }
  const expected: Record<string, ArrayLike<number>> = parts;
  for (const key of ["y", "w", "bias", "row"] as const) expected[key] = toNumbers(wanted[key]);
  for (const key of ["y", ...names] as const) {
    const values = toNumbers(found[key]);
    expect(values).toHaveLength(expected[key].length);
    const size = Math.max(1, ...values.map(Math.abs));
    values.forEach((value, i) => {
      expect(Math.abs(value - expected[key][i]), `${key} ${i}`).toBeLessThan(1e-12 * size);
    });
  }
});
