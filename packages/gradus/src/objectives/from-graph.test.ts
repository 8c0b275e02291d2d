import { add, array, matmul, mean, mul, scalar, square, sub, sum, tanh, toNumbers } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { randomStream } from "../random/stream.ts";
import { objectiveFromGraph } from "./from-graph.ts";
import { linearRegression } from "./linear-regression.ts";
import { distance, expectDerivatives } from "./test-support.ts";

const stream = randomStream(7);
const normal = (length: number) => stream.fillNormal(new Float64Array(length));
const x = normal(20);
const y = normal(10);
const data = { x: array(x, [10, 2]), y: array(y, [10, 1]) };

describe("objectiveFromGraph", () => {
  const network = {
    hidden: { weights: array(normal(6), [2, 3]), bias: array(normal(3)) },
    output: array(normal(3), [3, 1]),
  };
  const make = () =>
    objectiveFromGraph(
      (p, d) => {
        const hidden = tanh(add(matmul(d.x, p.hidden.weights), p.hidden.bias));
        return mean(square(sub(matmul(hidden, p.output), d.y)));
      },
      network,
      data,
    );

  test("has the derivatives of its value over one flat vector", async () => {
    using objective = await make();
    expect(objective.dimension).toBe(12);
    await expectDerivatives(objective, objective.pack(network));
  });

  test("gives the same products however many come in a row, also when points alternate", async () => {
    using objective = await make();
    using fresh = await make();
    const points = [normal(12), normal(12)];
    // Each run of equal points is of another length; a point passed as a new array is the same point.
    for (const [place, length] of [1, 7, 3, 9].entries()) {
      const at = points[place % 2];
      for (let k = 0; k < length; k++) {
        const v = normal(12);
        const product = await objective.hessianVectorProduct(at.slice(), v);
        // Between products at other points every product of `fresh` is the first one at its point.
        await fresh.hessianVectorProduct(v, at);
        expect(distance(product, await fresh.hessianVectorProduct(at, v))).toBeLessThan(1e-13);
      }
    }
  });

  test("keeps to a point's numbers when the caller's arrays change, before and after a product", async () => {
    using objective = await make();
    const at = normal(12);
    const v = normal(12);
    const expected = await objective.hessianVectorProduct(at, v);
    const [point, direction] = [at.slice(), v.slice()];
    for (let k = 0; k < 8; k++) {
      point.set(at);
      direction.set(v);
      const running = objective.hessianVectorProduct(point, direction);
      point[3] += 1;
      direction.fill(0);
      expect(distance(await running, expected)).toBeLessThan(1e-13);
    }
    const elsewhere = await objective.hessianVectorProduct(point, v);
    expect(distance(elsewhere, expected)).toBeGreaterThan(1e-3);
  });

  test("packs and unpacks without loss, in the order of the tree", async () => {
    using objective = await make();
    const packed = objective.pack(network);
    expect(Array.from(packed.subarray(0, 6))).toEqual(toNumbers(network.hidden.weights));
    expect(objective.unpack(packed)).toEqual(network);
  });

  test("equals least squares on the same matrix", async () => {
    using objective = await objectiveFromGraph(
      (p, d) => mul(scalar(0.5, "f64"), sum(square(sub(matmul(d.x, p.w), d.y)))),
      { w: array(new Float64Array(2), [2, 1]) },
      data,
    );
    const host = linearRegression({ rows: 10, columns: 2, values: x }, y);
    const [at, v] = [normal(2), normal(2)];
    expect(await objective.value(at)).toBeCloseTo(host.value(at), 12);
    expect(distance(await objective.gradient(at), host.gradient(at))).toBeLessThan(1e-12);
    const product = host.hessianVectorProduct(at, v);
    expect(distance(await objective.hessianVectorProduct(at, v), product)).toBeLessThan(1e-12);
  });

  test("takes float32 parameters, one lone array, and leaves the loss does not use", async () => {
    const pair = { used: array(Float32Array.of(1, 2)), unused: array(Float32Array.of(3)) };
    using objective = await objectiveFromGraph((p) => sum(square(p.used)), pair, {});
    expect(await objective.valueAndGradient(Float64Array.of(1, 2, 3))).toEqual({
      value: 5,
      gradient: Float64Array.of(2, 4, 0),
    });
    expect(objective.unpack(Float64Array.of(1, 2, 3))).toEqual(pair);
    using lone = await objectiveFromGraph((p) => sum(square(p)), array(Float64Array.of(0, 0)), {});
    expect(await lone.gradient(Float64Array.of(1, -1))).toEqual(Float64Array.of(2, -2));
  });

  test("rejects what does not fit", async () => {
    await expect(
      objectiveFromGraph((p) => sum(square(p.w)), { w: array(BigInt64Array.of(1n)) }, {}),
    ).rejects.toThrow("parameters.w: expected f32 or f64, got i64");
    await expect(objectiveFromGraph(() => scalar(0, "f64"), {}, {})).rejects.toThrow(ArgumentError);
    using objective = await make();
    expect(() => objective.unpack(new Float64Array(11))).toThrow("x must have 12 numbers, got 11");
    expect(() => objective.pack({ ...network, output: array(normal(4), [4, 1]) })).toThrow(
      "parameters.output must have 3 numbers, got 4",
    );
    await expect(objective.value(new Float64Array(12).fill(Number.NaN))).rejects.toThrow(
      "got NaN at index 0",
    );
    objective.dispose();
    const zero = new Float64Array(12);
    await expect(objective.hessianVectorProduct(zero, zero)).rejects.toThrow("has been disposed of");
    await expect(objective.value(zero)).rejects.toThrow("disposed");
  });
});
