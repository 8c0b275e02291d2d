import { type ArrayValue, array, matmul, mul, relu, sum, type Tensor } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { perExampleGradientBlocks } from "../../curvature/rows/per-example.ts";
import { teacherNetwork } from "../../data/generators/teacher-network.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { type HostNetwork, halfMeanSquare, type RegressionRows } from "./contract.ts";
import { diagonalLinearNetwork, diagonalStart } from "./diagonal-linear-network.ts";
import { balanceRatio, diagonalBalanceRatio, pathNorm } from "./norms.ts";
import { reluPopulationError } from "./population-error.ts";
import { twoLayerReLU, twoLayerReluStart } from "./two-layer-relu.ts";

const d = 5;
const n = 7;
const hidden = 6; // four units at a time, and two left over
const data: RegressionRows = teacherNetwork({
  n,
  d,
  hidden: 3,
  inputs: "sphere",
  directions: "sphere",
  seed: 2,
});

interface Example {
  readonly name: string;
  readonly network: HostNetwork;
  readonly theta: Float64Array;
  /** Shapes of the parts of theta, and the output on a batch of rows from them. */
  readonly shapes: readonly (readonly number[])[];
  output(parts: readonly Tensor[], x: Tensor): Tensor;
}

const examples: readonly Example[] = [
  {
    name: "diagonal linear network",
    network: diagonalLinearNetwork(d),
    theta: diagonalStart(d, { seed: 3 }),
    shapes: [[d], [d]],
    output: ([a, b], x) => sum(mul(x, mul(a, b))),
  },
  {
    name: "two-layer ReLU network",
    network: twoLayerReLU({ features: d, hidden }),
    theta: twoLayerReluStart({ features: d, hidden }, { seed: 3 }),
    shapes: [
      [d, hidden],
      [hidden, 1],
    ],
    output: ([W, a], x) => sum(matmul(relu(matmul(x, W)), a)),
  },
];

/** The parts of theta as arrays of the graph; it keeps W by columns. */
function partsOf({ name, theta, shapes }: Example): ArrayValue[] {
  const [first, second] = shapes.map((shape) => shape.reduce((size, k) => size * k, 1));
  const parts = [theta.slice(0, first), theta.slice(first, first + second)];
  if (name.startsWith("two")) parts[0] = transposed(parts[0], hidden, d);
  return parts.map((part, k) => array(part, shapes[k]));
}

const transposed = (W: Float64Array, rows: number, columns: number) =>
  Float64Array.from({ length: rows * columns }, (_, k) => W[(k % rows) * columns + Math.floor(k / rows)]);

describe.each(examples)("$name", (example) => {
  const { network, theta, output } = example;
  const regression = network.on(data);

  test("its Jacobian is the traced model's, by automatic differentiation", async () => {
    const { values, columns } = regression.jacobian(theta);
    const blocks = perExampleGradientBlocks({
      loss: (parts: readonly Tensor[], batch: { readonly x: Tensor }) => output(parts, batch.x),
      parameters: partsOf(example),
      data: { x: array(data.x) },
    });
    for await (const { vectors, rows, start } of blocks)
      for (let i = 0; i < rows; i++) {
        const row = vectors.values.slice(i * columns, (i + 1) * columns);
        if (example.name.startsWith("two")) row.set(transposed(row.slice(0, d * hidden), d, hidden));
        for (let k = 0; k < columns; k++) expect(values[(start + i) * columns + k]).toBeCloseTo(row[k], 12);
      }
  });

  test("the inner products from the closed form are those of the Jacobian", () => {
    const { values, columns } = regression.jacobian(theta);
    const { values: gram } = regression.gram(theta);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let product = 0;
        for (let k = 0; k < columns; k++) product += values[i * columns + k] * values[j * columns + k];
        expect(gram[i * n + j]).toBeCloseTo(product, 11);
      }
  });

  const batches = [[4], [0, 6], [2, 2, 5], [0, 1, 2, 3, 4, 5, 6]];
  test.each(batches.map((batch) => ({ batch })))(
    "a step on $batch follows finite differences",
    ({ batch }) => {
      const loss = (at: Float64Array) => {
        const r = regression.residuals(at);
        return batch.reduce((total, i) => total + r[i] ** 2 / (2 * batch.length), 0);
      };
      const learningRate = 0.01;
      const stepped = theta.slice();
      const infinite = { learningRate, clip: Number.POSITIVE_INFINITY };
      const length = regression.step(stepped, Int32Array.from([...batch, 0]), batch.length, infinite);
      let square = 0;
      for (let k = 0; k < theta.length; k++) {
        const [up, down] = [theta.slice(), theta.slice()];
        up[k] += 1e-6;
        down[k] -= 1e-6;
        const slope = (loss(up) - loss(down)) / 2e-6;
        expect((theta[k] - stepped[k]) / learningRate).toBeCloseTo(slope, 6);
        square += slope ** 2;
      }
      expect(length).toBeCloseTo(Math.sqrt(square), 6);
      const clipped = theta.slice();
      regression.step(clipped, Int32Array.from(batch), batch.length, { learningRate, clip: length / 4 });
      for (let k = 0; k < theta.length; k++)
        expect(clipped[k] - theta[k]).toBeCloseTo((stepped[k] - theta[k]) / 4, 14);
    },
  );

  test("errors name what they got", () => {
    expect(() => network.on({ ...data, x: denseMatrix(new Float64Array(d + 1), 1, d + 1) })).toThrow(
      `data.x must have ${d} columns, got ${d + 1}`,
    );
    expect(() => network.on({ ...data, x: denseMatrix([], 0, d) })).toThrow(
      "data.x must have at least one row",
    );
    expect(() => network.on({ ...data, x: { ...data.x, values: new Float64Array(3) } })).toThrow(
      `data.x must have ${n} x ${d} numbers`,
    );
    expect(() => network.on({ ...data, y: data.y.map((v, i) => (i === 2 ? Number.NaN : v)) })).toThrow(
      "data.y must be finite, got NaN at index 2",
    );
    expect(() => network.on({ ...data, y: new Float64Array(2) })).toThrow(
      "data.y must have 7 numbers, got 2",
    );
    expect(() => network.outputs(theta.slice(1), data.x)).toThrow(`theta must have ${theta.length} numbers`);
    expect(() => network.outputs(theta, denseMatrix(new Float64Array(d + 1), 1, d + 1))).toThrow(
      `x must have ${d} columns, got ${d + 1}`,
    );
  });
});

test("the closed population error is what many inputs give, normal or on the sphere", () => {
  const teacher = teacherNetwork({
    n: 200_000,
    d,
    hidden: 3,
    inputs: "sphere",
    directions: "sphere",
    seed: 5,
  });
  const theta = twoLayerReluStart({ features: d, hidden }, { seed: 8, scale: 0.6 });
  const f = { W: theta.slice(0, d * hidden), a: theta.slice(d * hidden) };
  const g = { W: teacher.weights.values, a: teacher.outputs };
  const exact = reluPopulationError(f, g, d);
  const network = twoLayerReLU({ features: d, hidden });
  expect(halfMeanSquare(network.on(teacher).residuals(theta)) / exact).toBeCloseTo(1, 1.5);
  const x = denseMatrix(randomStream(4).fillNormal(new Float64Array(200_000 * d)), 200_000, d);
  const outputs = network.outputs(theta, x);
  const differences = teacher.teacher(x).map((y, i) => outputs[i] - y);
  expect(halfMeanSquare(differences) / exact).toBeCloseTo(1, 1.5);
  expect(reluPopulationError(g, g, d)).toBeCloseTo(0, 12);
  expect(reluPopulationError({ a: Float64Array.of(1), W: new Float64Array(d) }, g, d)).toBeGreaterThan(0);
  expect(() => reluPopulationError(f, { a: g.a, W: g.W.slice(1) }, d)).toThrow("g.W must have 3 x 5 numbers");
});

describe("norms", () => {
  test("by hand", () => {
    const [a, W] = [Float64Array.of(2, -1), Float64Array.of(3, 4, 0, 2)];
    expect(pathNorm(a, W)).toBe(12);
    expect(balanceRatio(a, W)).toBeCloseTo((25 + 4 + 2 * 5) / (2 * Math.SQRT2 * 12), 14);
    expect(diagonalBalanceRatio(Float64Array.of(1, -2), Float64Array.of(-1, 2))).toBe(1);
    expect(diagonalBalanceRatio(Float64Array.of(1, 2), Float64Array.of(2, 4))).toBe(1.25);
  });

  test("the trace of G over many inputs is sqrt(d) times balance ratio times path norm", () => {
    const many = teacherNetwork({ n: 20_000, d, hidden: 1, inputs: "sphere", seed: 1 });
    const theta = twoLayerReluStart({ features: d, hidden }, { seed: 4 });
    const [W, a] = [theta.slice(0, d * hidden), theta.slice(d * hidden)];
    const { values } = twoLayerReLU({ features: d, hidden }).on(many).jacobian(theta);
    const trace = values.reduce((total, v) => total + v * v, 0) / 20_000;
    expect(trace / (Math.sqrt(d) * balanceRatio(a, W) * pathNorm(a, W))).toBeCloseTo(1, 1.5);
  });

  test("an unbalanced start has the balance ratio asked for", () => {
    for (const balance of [1, 2, 16]) {
      const theta = diagonalStart(20, { seed: 1, deviation: 0.3, balance });
      expect(diagonalBalanceRatio(theta.slice(0, 20), theta.slice(20))).toBeCloseTo(balance, 11);
    }
  });

  test("errors", () => {
    expect(() => pathNorm(Float64Array.of(1, 2), new Float64Array(3))).toThrow("for the 2 units of a, got 3");
    expect(() => pathNorm(new Float64Array(0), new Float64Array(0))).toThrow("0 units");
    expect(() => balanceRatio(Float64Array.of(Number.NaN), Float64Array.of(1))).toThrow("must be finite");
    expect(() => diagonalBalanceRatio(new Float64Array(1), new Float64Array(2))).toThrow("same length");
    expect(() => diagonalStart(3, { seed: 1, balance: 0.5 })).toThrow("balance must be a finite number >= 1");
    expect(() => diagonalStart(3, { seed: 1, deviation: 0 })).toThrow("deviation must be a positive number");
    expect(() => twoLayerReluStart({ features: 2, hidden: 0 }, { seed: 1 })).toThrow(
      "hidden must be a positive integer",
    );
    expect(() => twoLayerReluStart({ features: 2, hidden: 1 }, { seed: 1, scale: -1 })).toThrow(
      "scale must be",
    );
    expect(() => diagonalLinearNetwork(0)).toThrow("features must be a positive integer");
    expect(() => twoLayerReLU({ features: 1.5, hidden: 1 })).toThrow("features must be a positive integer");
  });
});
