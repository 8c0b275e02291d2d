import { add, array, exp, matmul, mul, range, reshape, sigmoid, sub, type Tensor } from "@gradus/graph";
import { expect, test } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../iterate/checkpoint.ts";
import { solve } from "../iterate/iterate.ts";
import { gaussNewton } from "../optimize/least-squares/gauss-newton.ts";
import { levenbergMarquardt } from "../optimize/least-squares/levenberg-marquardt.ts";
import { minimize } from "../optimize/minimize.ts";
import { randomStream } from "../random/stream.ts";
import { residualFromGraph } from "./residual-from-graph.ts";

/** NIST's Misra1a: volume by pressure, y = b1 (1 - exp(-b2 x)). */
const pressure = [
  77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0,
];
const volume = [
  10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78,
];
const data = { x: array(Float64Array.from(pressure)), y: array(Float64Array.from(volume)) };
const misra = (p: Record<"b1" | "b2", Tensor>, d: Record<"x" | "y", Tensor>) =>
  sub(mul(p.b1, sub(1, exp(mul(-1, mul(p.b2, d.x))))), d.y);
const start = { b1: array(Float64Array.of(500), []), b2: array(Float64Array.of(1e-4), []) };

test.each(Object.entries({ gaussNewton, levenbergMarquardt }))(
  "%s fits NIST's Misra1a to its certified values",
  async (_, method) => {
    using residual = await residualFromGraph(misra, start, data);
    expect([residual.dimension, residual.count]).toEqual([2, 14]);
    const { x, value, status } = await minimize(residual, residual.pack(start), {
      method: method as typeof levenbergMarquardt,
    });
    expect(status).toBe("converged");
    expect(x[0] / 238.94212918).toBeCloseTo(1, 8);
    expect(x[1] / 5.5015643181e-4).toBeCloseTo(1, 8);
    expect((2 * value) / 0.12455138894).toBeCloseTo(1, 9);
    expect(residual.unpack(x).b2.data[0]).toBe(x[1]);
  },
);

test("Gauss-Newton says so where rounding of the residuals stops it, whichever way they were computed", async () => {
  using traced = await residualFromGraph(misra, start, data);
  const host = {
    dimension: 2,
    count: pressure.length,
    value: ([b1, b2]: Float64Array) =>
      Float64Array.from(pressure, (x, i) => b1 * (1 - Math.exp(-b2 * x)) - volume[i]),
    jacobian: ([b1, b2]: Float64Array) => ({
      rows: pressure.length,
      columns: 2,
      values: Float64Array.from(pressure.flatMap((x) => [1 - Math.exp(-b2 * x), b1 * x * Math.exp(-b2 * x)])),
    }),
  };
  for (const residual of [traced, host])
    for (const x0 of [
      [500, 1e-4],
      [250, 5e-4],
      [300, 3e-4],
      [200, 8e-4],
      [239, 5.5e-4],
    ]) {
      const options = { method: gaussNewton, gradientTolerance: 0 };
      const { x, status } = await minimize(residual, Float64Array.from(x0), options);
      expect({ x0, status }).toEqual({ x0, status: "precision-limit" });
      expect(x[0] / 238.94212918).toBeCloseTo(1, 8);
    }
});

test("resumes bit for bit from a checkpoint, several runs at once", async () => {
  using residual = await residualFromGraph(misra, start, data);
  const x0 = residual.pack(start);
  for (const method of [levenbergMarquardt, gaussNewton] as const) {
    const run = method as typeof levenbergMarquardt;
    const [straight, { iterate }] = await Promise.all([
      solve(run(residual, x0), { maxIterations: 6 }),
      solve(run(residual, x0), { maxIterations: 2 }),
    ]);
    const resume = parseCheckpoint(serializeCheckpoint({ iteration: 2, state: iterate.state }));
    const { iterate: last } = await solve(run(residual, x0, { resume: resume as typeof iterate }), {
      maxIterations: 6,
    });
    expect(last.x).toEqual(straight.iterate.x);
  }
});

test("has the Jacobian of central differences, of trees of tensors with fewer and more equations than unknowns", async () => {
  const stream = randomStream(1);
  const parameters = {
    weights: array(stream.fillNormal(new Float64Array(6)), [3, 2]),
    bias: array(stream.fillNormal(new Float64Array(2))),
  };
  type Parameters = Record<"weights" | "bias", Tensor>;
  for (const rows of [2, 9]) {
    const inputs = array(stream.fillNormal(new Float64Array(3 * rows)), [rows, 3]);
    using residual = await residualFromGraph(
      (p: Parameters, d: { inputs: Tensor }) => ({
        fit: sigmoid(add(matmul(d.inputs, p.weights), p.bias)),
        penalty: [mul(0.1, p.bias), reshape(mul(exp(p.bias), range(2, "f64")), [1, 2])],
      }),
      parameters,
      { inputs },
    );
    const x = residual.pack(parameters);
    expect([residual.dimension, residual.count]).toEqual([8, 2 * rows + 4]);
    const J = await residual.jacobian(x);
    expect([J.rows, J.columns]).toEqual([residual.count, 8]);
    for (let j = 0; j < 8; j++) {
      const moved = [-1e-5, 1e-5].map((h) => residual.value(x.map((xi, i) => (i === j ? xi + h : xi))));
      const [below, above] = await Promise.all(moved);
      for (let i = 0; i < residual.count; i++)
        expect(J.values[i * 8 + j]).toBeCloseTo((above[i] - below[i]) / 2e-5, 8);
    }
  }
});

test("float32 parameters give float64 vectors of rounded numbers", async () => {
  const rounded = { b1: array(Float32Array.of(500), []), b2: array(Float32Array.of(1e-4), []) };
  const single = { x: array(Float32Array.from(pressure)), y: array(Float32Array.from(volume)) };
  using residual = await residualFromGraph(misra, rounded, single);
  using double = await residualFromGraph(misra, start, data);
  const [u, v] = await Promise.all([residual, double].map((one) => one.value(Float64Array.of(500, 1e-4))));
  expect(u).toBeInstanceOf(Float64Array);
  u.forEach((ui, i) => {
    expect(ui / v[i]).toBeCloseTo(1, 4);
  });
});

test("a residual or a Jacobian of the wrong size is named", async () => {
  const residual = {
    dimension: 1,
    count: 2,
    value: () => Float64Array.of(1),
    jacobian: () => ({ rows: 2, columns: 1, values: Float64Array.of(1, 1) }),
  };
  await expect(minimize(residual, Float64Array.of(0), { method: levenbergMarquardt })).rejects.toThrow(
    "the residual's value must have 2 numbers, got 1",
  );
  const turned = { ...residual, value: () => Float64Array.of(1, 1), count: 2, dimension: 1 };
  await expect(
    minimize(
      { ...turned, jacobian: () => ({ rows: 1, columns: 2, values: Float64Array.of(1, 1) }) },
      Float64Array.of(0),
      { method: gaussNewton },
    ),
  ).rejects.toThrow("jacobian must be 2 x 1, got 1 x 2");
});
