import { expect, test } from "vitest";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { momentRecursion } from "./moment-recursion.ts";
import { stabilityThreshold } from "./threshold.ts";

const J = { rows: 4, columns: 3, values: randomStream(3).fillNormal(new Float64Array(12)) };

/** E|delta|^2 and E delta^T G delta / 2 after t steps of one example, by going through all 4^t sequences. */
function byEnumeration(delta: readonly number[], rate: number, t: number): [number, number] {
  if (t === 0) {
    let loss = 0;
    for (let i = 0; i < 4; i++) loss += delta.reduce((s, v, j) => s + v * J.values[3 * i + j], 0) ** 2 / 8;
    return [delta.reduce((sum, v) => sum + v * v, 0), loss];
  }
  const means: [number, number] = [0, 0];
  for (let i = 0; i < 4; i++) {
    const g = Array.from(J.values.subarray(3 * i, 3 * i + 3));
    const overlap = delta.reduce((sum, v, j) => sum + v * g[j], 0);
    const [distance, loss] = byEnumeration(
      delta.map((v, j) => v - rate * overlap * g[j]),
      rate,
      t - 1,
    );
    means[0] += distance / 4;
    means[1] += loss / 4;
  }
  return means;
}

test("is the mean over all sequences of examples", () => {
  const delta = [0.3, -1, 0.5];
  const start = denseMatrix(
    delta.flatMap((a) => delta.map((b) => a * b)),
    3,
    3,
  );
  const { squaredDistance, loss } = momentRecursion(J, { learningRate: 0.3, steps: 5, start });
  for (let t = 0; t <= 5; t++) {
    const [distance, half] = byEnumeration(delta, 0.3, t);
    expect(squaredDistance[t]).toBeCloseTo(distance, 11);
    expect(loss[t]).toBeCloseTo(half, 11);
  }
});

test("what lies outside the span of the gradients stays", () => {
  const one = { rows: 1, columns: 2, values: Float64Array.of(1, 0) };
  const { squaredDistance, loss } = momentRecursion(one, {
    learningRate: 1,
    steps: 2,
    start: denseMatrix([4, 1, 1, 9], 2, 2),
  });
  expect(Array.from(squaredDistance)).toEqual([13, 9, 9]);
  expect(Array.from(loss)).toEqual([2, 0, 0]);
});

test.each([1, 2, 4])("shrinks below the threshold and grows above it, batches of %d", async (batchSize) => {
  const { learningRate } = await stabilityThreshold(J, { batchSize });
  const ratio = (factor: number) => {
    const path = momentRecursion(J, {
      learningRate: factor * learningRate,
      steps: 2000,
      batchSize,
    }).squaredDistance;
    expect(path[0]).toBeCloseTo(1, 14);
    return path[2000] / path[1000];
  };
  expect(ratio(0.99)).toBeLessThan(1);
  expect(ratio(1.01)).toBeGreaterThan(1);
});

test("the full batch does what gradient descent does", () => {
  const start = denseMatrix([1, 0, 0, 0, 0, 0, 0, 0, 0], 3, 3);
  const { squaredDistance } = momentRecursion(J, { learningRate: 0.2, steps: 1, batchSize: 4, start });
  const gradient = [0, 0, 0];
  for (let i = 0; i < 4; i++)
    for (let j = 0; j < 3; j++) gradient[j] += (J.values[3 * i] * J.values[3 * i + j]) / 4;
  const moved = [1 - 0.2 * gradient[0], -0.2 * gradient[1], -0.2 * gradient[2]];
  expect(squaredDistance[1]).toBeCloseTo(
    moved.reduce((sum, v) => sum + v * v, 0),
    13,
  );
});

test("errors", () => {
  expect(() => momentRecursion(J, { learningRate: -1, steps: 1 })).toThrow(
    "learningRate must be a positive number, got -1",
  );
  expect(() => momentRecursion(J, { learningRate: 1, steps: 0.5 })).toThrow(
    "steps must be a non-negative integer, got 0.5",
  );
  const gram = { gram: denseMatrix([1], 1, 1) };
  expect(() => momentRecursion(gram, { learningRate: 1, steps: 1, start: denseMatrix([1], 1, 1) })).toThrow(
    "needs the rows of J",
  );
  const from = (...start: number[]) => {
    const order = Math.sqrt(start.length);
    momentRecursion(J, { learningRate: 1, steps: 1, start: denseMatrix(start, order, order) });
  };
  expect(() => from(1, 0, 0, 1)).toThrow("start must have 3 rows and columns, got 2 rows");
  expect(() => from(1, 0, 0, 2, 1, 0, 0, 0, 1)).toThrow(
    "start must be symmetric; row 1, column 0 is 2, its mirror 0",
  );
  const indefinite = { gram: denseMatrix([0, 1, 1, 0], 2, 2) };
  expect(() => momentRecursion(indefinite, { learningRate: 1, steps: 1 })).toThrow(
    "J.gram must be positive semidefinite",
  );
  expect(() => momentRecursion(gram, { learningRate: 1e6, steps: 100 })).toThrow(
    "at step 26: the learning rate 1000000",
  );
});
