import { describe, expect, test } from "vitest";
import { type DenseMatrix, denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { explainBy, explainerNames } from "../explainers/explainers.ts";
import { gaussianNeighborhood, scalingNeighborhood } from "../neighborhoods/continuous.ts";
import { maskNeighborhood, removalNeighborhood } from "../neighborhoods/masks.ts";
import { farthest, linear, logistic, network, rowOf, uniformRows } from "../test-support.ts";
import { chebyshevAffineFit } from "./chebyshev-affine-fit.ts";
import { compareExplanations } from "./compare.ts";
import { crossNeighborhoodLoss } from "./cross-neighborhood-loss.ts";
import { attributionDistance, distanceMatrix } from "./distance.ts";
import { perturbationTest, rankedRows } from "./perturbation-test.ts";

describe("perturbation test", () => {
  const w = [1, -2, 4, 0.5];
  const model = linear(w, 3);
  const x = denseMatrix([1, 1, 0.5, 2, -1, 2, 1, 0], 2, 4);
  const products = denseMatrix(
    x.values.map((value, k) => value * w[k % 4]),
    2,
    4,
  );

  test("binary, by hand", async () => {
    // rows (1, -2, 2, 1) and (-1, -4, 4, 0) of w x; the smallest first, ties to the lower index
    const bottom = await perturbationTest(model, x, products, { order: "bottom", kind: "binary", most: 3 });
    expect([...bottom.curve]).toEqual([(1 + 0) / 2, (2 + 1) / 2, (0 + 5) / 2]);
    const top = await perturbationTest(model, x, products, { order: "top", kind: "binary", most: 2 });
    expect([...top.curve]).toEqual([(2 + 4) / 2, (0 + 0) / 2]);
    expect(top.mean).toBe(1.5);
    expect(top.standardErrors[0]).toBeCloseTo(1, 12);
  });

  test("continuous, by the mean of a half-normal number", async () => {
    const found = await perturbationTest(model, x, denseMatrix([...w, ...w], 2, 4), {
      ...{ order: "top", kind: "continuous", most: 2, noise: 0.1, draws: 20_000 },
    });
    const expected = [4, Math.hypot(4, 2)].map((size) => 0.1 * size * Math.sqrt(2 / Math.PI));
    expect(farthest(found.curve, expected)).toBeLessThan(0.005);
  });

  test("rows without attribution are left out, and counted", async () => {
    const zero = denseMatrix([1, 2, 3, 4, 0, 0, 0, 0], 2, 4);
    const found = await perturbationTest(model, x, zero, { order: "top", kind: "binary", most: 1 });
    expect(found.excluded).toBe(1);
    expect(found.curve[0]).toBe(1);
    expect([...rankedRows([products, zero])]).toEqual([0]);
    const none = denseMatrix(new Float64Array(8), 2, 4);
    await expect(perturbationTest(model, x, none, { order: "top", kind: "binary" })).rejects.toThrow(
      "every attribution is all zeros",
    );
    await expect(perturbationTest(model, x, zero, { order: "top", kind: "binary", most: 5 })).rejects.toThrow(
      "most must be an integer from 1 to 4, got 5",
    );
  });
});

describe("distances", () => {
  test("of attributions", () => {
    const a = denseMatrix([1, 0, 3, 4, 0, 0], 3, 2);
    const b = denseMatrix([0, 1, 6, 8, 1, 1], 3, 2);
    const l1 = attributionDistance(a, b, "l1");
    expect([...l1.distances]).toEqual([2, 7, 2]);
    const cosine = attributionDistance(a, b, "cosine");
    expect(cosine.distances[0]).toBeCloseTo(1, 15);
    expect(cosine.distances[1]).toBe(0);
    expect(cosine.distances[2]).toBeNaN();
    expect([cosine.mean, cosine.excluded]).toEqual([0.5, 1]);
    expect([...distanceMatrix([a, b], "l1").values]).toEqual([0, 11 / 3, 11 / 3, 0]);
    expect(() => attributionDistance(a, denseMatrix([1, 2], 1, 2), "l1")).toThrow(
      "same shape, got 3 x 2 and 1 x 2",
    );
  });

  test("of attributions to as many features as an image has pixels", () => {
    const features = 200_000;
    const ones = denseMatrix(new Float64Array(features).fill(1), 1, features);
    const half = denseMatrix(
      ones.values.map((_, j) => j % 2),
      1,
      features,
    );
    expect(attributionDistance(ones, half, "cosine").mean).toBeCloseTo(1 - Math.SQRT1_2, 12);
  });

  test("of the eight explanations of a model, and of four where there is no gradient", async () => {
    const model = network(4, 3, 1);
    const x = uniformRows(3, 4, 2);
    const all = await compareExplanations(model, x, { samples: 200 });
    expect(all.names).toEqual(explainerNames);
    expect(all.cosine.rows).toBe(8);
    for (let i = 0; i < 8; i++) expect(all.cosine.values[i * 9]).toBe(0);
    const four = await compareExplanations({ features: 4, values: model.values }, x, {
      samples: 200,
      width: 2,
    });
    expect(four.names).toEqual(["lime", "kernelShap", "occlusion", "cLime"]);
    expect(four.refused).toHaveLength(4);
  });

  test("name the row at whose perturbation a score is not finite, where there are others", async () => {
    const values = (rows: DenseMatrix) =>
      Float64Array.from({ length: rows.rows }, (_, i) => (rows.values[2 * i] >= 3 ? Number.NaN : 1));
    const model = { features: 2, values };
    const compared = (x: DenseMatrix) => expect(compareExplanations(model, x)).rejects;
    await compared(denseMatrix([1, 2, 4, 5], 2, 2)).toThrow(
      /^model.values must be finite, got NaN at the row \[4, [05]\], a perturbation of row 1$/,
    );
    await compared(denseMatrix([4, 5], 1, 2)).toThrow(/got NaN at the row \[4, [05]\]$/);
    const slopes = (rows: DenseMatrix) => ({
      values: values(rows),
      gradients: new Float64Array(2 * rows.rows),
    });
    const gradients = { ...model, valuesAndGradients: slopes };
    await expect(explainBy("smoothGrad", gradients, denseMatrix([1, 2, 4, 5], 2, 2))).rejects.toThrow(
      /a perturbation of row 1$/,
    );
  });
});

describe("cross-neighborhood loss", () => {
  const neighborhoods = [
    gaussianNeighborhood({ sigma: 0.1 }),
    gaussianNeighborhood({ sigma: 0.5 }),
    maskNeighborhood(),
    scalingNeighborhood(),
  ];

  test("0 everywhere for an affine model, where the neighborhood spans all directions", async () => {
    const losses = await crossNeighborhoodLoss(linear([1, -2, 3], 0.3), uniformRows(3, 3, 5), neighborhoods, {
      ridge: 0,
      samples: 300,
    });
    for (let i = 0; i < 4; i++) expect(farthest(rowOf(losses, i).slice(0, 3), [0, 0, 0])).toBeLessThan(1e-12);
  });

  test("no neighborhoods are refused", async () => {
    const of = (none: unknown) =>
      crossNeighborhoodLoss(linear([1, 2], 0), uniformRows(2, 2, 5), none as typeof neighborhoods);
    await expect(of([])).rejects.toThrow("neighborhoods must be an array of at least one neighborhood");
    await expect(of(undefined)).rejects.toThrow("at least one neighborhood, got undefined");
  });

  test("least on an explanation's own neighborhood", async () => {
    const losses = await crossNeighborhoodLoss(
      logistic([9, -8, 7], -4),
      uniformRows(6, 3, 5),
      [...neighborhoods, removalNeighborhood()],
      { samples: 2000 },
    );
    for (let j = 0; j < 5; j++) {
      const row = rowOf(losses, j);
      expect(Math.min(...row)).toBe(row[j]);
    }
  });
});

describe("Chebyshev fit", () => {
  const grid = (n: number) => Array.from({ length: n }, (_, i) => -1 + (2 * i) / (n - 1));

  test("x^2 on [-1, 1]: the constant 1/2, with error 1/2", () => {
    const found = chebyshevAffineFit(
      denseMatrix(grid(41), 41, 1),
      grid(41).map((x) => x * x),
    );
    expect(found.maxError).toBeCloseTo(0.5, 12);
    expect(found.weights[0]).toBeCloseTo(0, 12);
    expect(found.intercept).toBeCloseTo(0.5, 12);
  });

  test("tanh(2 x1) + x1 x2 on a 41 x 41 grid: error 1, as another solver finds", () => {
    const points = grid(41).flatMap((a) => grid(41).flatMap((b) => [a, b]));
    const values = Float64Array.from({ length: 1681 }, (_, k) => {
      const [a, b] = [points[2 * k], points[2 * k + 1]];
      return Math.tanh(2 * a) + a * b;
    });
    expect(chebyshevAffineFit(denseMatrix(points, 1681, 2), values).maxError).toBeCloseTo(1, 6);
  });

  test("errors of alternating sign at d + 2 points: no affine function does better", () => {
    const stream = randomStream(4);
    for (const [n, d] of [
      [30, 2],
      [200, 5],
      [12, 10],
    ]) {
      const points = denseMatrix(stream.fillNormal(new Float64Array(n * d)), n, d);
      const values = stream.fillNormal(new Float64Array(n));
      const { weights, intercept, maxError } = chebyshevAffineFit(points, values);
      const errors = Array.from(
        values,
        (value, j) => value - intercept - rowOf(points, j).reduce((sum, x, i) => sum + x * weights[i], 0),
      );
      const extreme = errors.filter((error) => Math.abs(error) > maxError - 1e-9);
      expect(extreme.length).toBeGreaterThanOrEqual(d + 2);
      // any change of (w, b) raises some extreme error
      for (let t = 0; t < 50; t++) {
        const change = stream.fillNormal(new Float64Array(d + 1));
        const changed = errors.map(
          (error, j) =>
            error - 1e-3 * (change[d] + rowOf(points, j).reduce((sum, x, i) => sum + x * change[i], 0)),
        );
        expect(Math.max(...changed.map(Math.abs))).toBeGreaterThan(maxError);
      }
    }
  });

  // four corners, of which two opposite ones are higher by 1: the error is 1/2 in all units and wherever they are
  test.each([
    [2 ** -40, 0, 1, 0],
    [2 ** 40, 0, 1, 0],
    [1, 0, 2 ** -60, 0],
    [1, 0, 2 ** 60, 0],
    [1, 2 ** 20, 1, 0],
    [1, 2 ** 30, 1, 2 ** 30],
  ])("points in units of %d at %d, values in units of %d at %d", (unit, at, size, offset) => {
    const corners = [0, 0, 1, 0, 0, 1, 1, 1].map((x) => at + unit * x);
    const values = [1, 0, 0, 1].map((y) => offset + size * y);
    const { weights, intercept, maxError } = chebyshevAffineFit(denseMatrix(corners, 4, 2), values);
    expect(maxError / size).toBeCloseTo(0.5, 9);
    values.forEach((value, j) => {
      const found = intercept + weights[0] * corners[2 * j] + weights[1] * corners[2 * j + 1];
      expect(Math.abs(value - found) / size).toBeCloseTo(0.5, 6);
    });
  });

  test.each([
    [2 ** 1023, 1],
    [1, 2 ** 1023],
  ])("points of sizes %d and values of sizes %d, whose ranges overflow", (x, y) => {
    const { weights, intercept, maxError } = chebyshevAffineFit(
      denseMatrix([-x, -x, x, -x, -x, x, x, x], 4, 2),
      [y, -y, -y, y],
    );
    expect([...weights.map(Math.abs), Math.abs(intercept), maxError]).toEqual([0, 0, 0, y]);
  });

  test.each([2 ** -40, 2 ** 20, 2 ** 40])("thirty points in units of %d", (unit) => {
    const stream = randomStream(9);
    const points = stream.fillNormal(new Float64Array(90));
    const values = stream.fillNormal(new Float64Array(30));
    const { maxError } = chebyshevAffineFit(denseMatrix(points, 30, 3), values);
    const scaled = denseMatrix(
      points.map((x) => unit * x),
      30,
      3,
    );
    expect(chebyshevAffineFit(scaled, values).maxError).toBeCloseTo(maxError, 12);
  });

  test("points that an affine function meets, a single point, and points on a line", () => {
    const exact = chebyshevAffineFit(denseMatrix([0, 0, 1, 0, 0, 1, 1, 1, 2, 3], 5, 2), [1, 3, 0, 2, 2]);
    expect(exact.maxError).toBeLessThan(1e-12);
    expect(chebyshevAffineFit(denseMatrix([2, 3], 1, 2), [5]).maxError).toBeLessThan(1e-12);
    const line = chebyshevAffineFit(denseMatrix([0, 0, 1, 1, 2, 2], 3, 2), [0, 1, 0]);
    expect(line.maxError).toBeCloseTo(0.5, 12);
    expect(() => chebyshevAffineFit(denseMatrix([0, 1], 2, 1), [0, Number.NaN])).toThrow(
      "values must be finite",
    );
  });
});
