import { type ArrayValue, exportOnnx, f64, matmul, type Tensor } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { denseMatrix } from "../../linalg/matrix.ts";
import { softmaxCurvature } from "../../losses/output-curvature.ts";
import { meanSquaredError } from "../../losses/traced/regression.ts";
import { randomStream } from "../../random/stream.ts";
import { empiricalFisherOperator } from "../operators/fisher.ts";
import { gaussNewtonOperator } from "../operators/gauss-newton.ts";
import { lossHessianOperator } from "../operators/hessian.ts";
import { symmetricMatrix } from "../spectrum/symmetric-matrix.ts";
import { classifier } from "../test-problem.ts";
import { exportCurvature } from "./export-curvature.ts";
import { loadCurvature } from "./load-curvature.ts";

const problem = classifier();
const ofGaussNewton = { ...problem, curvature: softmaxCurvature };
const data = { x: problem.data.x, y: problem.data.y };

function expectClose(a: Float64Array, b: Float64Array, tolerance: number): void {
  expect(a.length).toBe(b.length);
  const size = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let i = 0; i < a.length; i++) expect(Math.abs(a[i] - b[i])).toBeLessThan(tolerance * size);
}

describe("a curvature matrix read from its file", () => {
  test.each([
    ["hessian", () => lossHessianOperator(problem)],
    ["gauss-newton", () => gaussNewtonOperator(ofGaussNewton)],
    ["empirical-fisher", () => empiricalFisherOperator(problem)],
  ] as const)("is the one that was exported: %s", async (matrix, make) => {
    using file = await loadCurvature(exportCurvature({ ...ofGaussNewton, matrix }));
    using direct = await make();
    expect(file.matrix).toBe(matrix);
    expect(file.dimension).toBe(direct.rows);
    expect(file.slots.map(({ path, start }) => [path, start])).toEqual(
      direct.layout.slots.map(({ path, start }) => [path, start]),
    );
    const [loaded, traced] = [await symmetricMatrix(file.on(data)), await symmetricMatrix(direct)];
    expectClose(loaded.values, traced.values, 1e-13);
  });

  test("does not depend on how the rows are cut into batches", async () => {
    using file = await loadCurvature(exportCurvature(problem));
    const v = randomStream(1).fillNormal(new Float64Array(file.dimension));
    const [whole, cut] = [new Float64Array(v.length), new Float64Array(v.length)];
    await file.on(data).apply(v, whole);
    await file.on(data, { memoryLimit: 12_000 }).apply(v, cut);
    expectClose(cut, whole, 1e-14);
    expect(() => file.on(data, { memoryLimit: 10 })).toThrow("memoryLimit must be at least");
  });

  test("gives the loss, by hand for a model of one weight", async () => {
    // the mean of (w x - y)^2 at w = 3: ((3 - 1)^2 + (6 - 0)^2)/2, second derivative 2 mean x^2 = 5
    const column = (...numbers: number[]): ArrayValue => ({
      dtype: "f64",
      shape: [numbers.length, 1],
      data: Float64Array.from(numbers),
    });
    const rows = { x: column(1, 2), y: column(1, 0) };
    type Batch = { readonly x: Tensor; readonly y: Tensor };
    using file = await loadCurvature(
      exportCurvature({
        parameters: { w: column(3) },
        data: rows,
        loss: ({ w }: { readonly w: Tensor }, { x, y }: Batch) => meanSquaredError(matmul(x, w), y),
      }),
    );
    expect(await file.loss(rows)).toBe(20);
    expect(await symmetricMatrix(file.on(rows))).toEqual(denseMatrix([5], 1, 1));
  });
});

describe("what does not belong is refused, by name", () => {
  test("a file without curvature", async () => {
    const plain = exportOnnx(({ x }) => ({ x2: x }), { x: f64(2) });
    await expect(loadCurvature(plain)).rejects.toThrow("has no curvature metadata");
  });

  test("data that are missing, unknown or of unequal rows", async () => {
    using file = await loadCurvature(exportCurvature(problem));
    expect(() => file.on({ x: data.x })).toThrow("data must have x, y; y, i64[rows], is missing");
    expect(() => file.on({ ...data, z: data.x })).toThrow("data has z, which is not an input of the file");
    const short = { ...data.y, shape: [2], data: data.y.data.slice(0, 2) };
    expect(() => file.on({ ...data, y: short })).toThrow("rows must be equal");
  });

  test("a Gauss-Newton matrix without its model", () => {
    const { model: _, ...rest } = problem;
    expect(() => exportCurvature({ ...rest, matrix: "gauss-newton" })).toThrow("model is missing");
    expect(() => exportCurvature({ ...problem, matrix: "gauss-newton" })).toThrow("curvature is missing");
  });
});
