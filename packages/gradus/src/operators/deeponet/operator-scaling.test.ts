import { describe, expect, test } from "vitest";
import { solve } from "../../iterate/iterate.ts";
import { type DenseMatrix, denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { deepONet } from "./deep-onet.ts";
import { periodicMap } from "./feature-map.ts";
import { operatorData } from "./operator-data.ts";
import { trainOperator } from "./train-operator.ts";
import { exportOperator, loadOperator } from "./trained-operator.ts";

const [n, m, q] = [40, 6, 5];
const normal = (seed: number, count: number) => randomStream(seed).fillNormal(new Float64Array(count));
const scaled = ({ rows, columns, values }: DenseMatrix, change: (x: number, column: number) => number) =>
  denseMatrix(
    values.map((x, k) => change(x, k % columns)),
    rows,
    columns,
  );

/** Inputs around 300, places up to 1,000, and two outputs, one around 1e5 and one of 1e-5. */
const u = scaled(denseMatrix(normal(1, n * m), n, m), (x, j) => 300 + j + 4 * x);
const y = denseMatrix([0, 200, 500, 900, 1000], q, 1);
const targets = denseMatrix(
  Float64Array.from({ length: n * q * 2 }, (_, k) => {
    const [i, p, o] = [Math.floor(k / (2 * q)), Math.floor(k / 2) % q, k % 2];
    const s = (u.values[i * m] - 300) * Math.cos(y.values[p] / 400);
    return o === 0 ? 1e5 + 2e3 * s : 1e-5 * s;
  }),
  n,
  2 * q,
);
const pairs = { sensorValues: u, locations: y, targets, outputs: 2 };

const meanOf = (x: readonly number[]) => x.reduce((a, b) => a + b) / x.length;
const deviationOf = (x: readonly number[], mean = meanOf(x)) =>
  Math.sqrt(meanOf(x.map((a) => (a - mean) ** 2)));

describe("standardized operator data", () => {
  test("the scaling is that of plain sums over columns", () => {
    const { scaling } = operatorData(pairs);
    const columns = Array.from({ length: m }, (_, j) =>
      Array.from({ length: n }, (_, i) => u.values[i * m + j]),
    );
    columns.forEach((column, j) => {
      expect(scaling?.sensorValues.center[j]).toBeCloseTo(meanOf(column), 9);
    });
    const squares = columns.map((column) => deviationOf(column) ** 2);
    for (const s of scaling?.sensorValues.scale ?? []) expect(s).toBeCloseTo(Math.sqrt(meanOf(squares)), 9);
    expect(scaling?.locations).toEqual({ center: Float64Array.of(500), scale: Float64Array.of(500) });
    for (const o of [0, 1]) {
      const own = [...targets.values].filter((_, k) => k % 2 === o);
      expect((scaling?.targets.center[o] ?? 0) / meanOf(own)).toBeCloseTo(1, 9);
      expect((scaling?.targets.scale[o] ?? 0) / deviationOf(own)).toBeCloseTo(1, 9);
    }
  });

  test("what does not vary keeps the scale 1, and a sensor without variation is not blown up", () => {
    const same = denseMatrix(new Float64Array(4).fill(7), 2, 2);
    const { scaling } = operatorData({
      sensorValues: same,
      locations: denseMatrix([3], 1, 1),
      targets: denseMatrix([5, 5], 2, 1),
    });
    expect(scaling?.sensorValues).toEqual({ center: Float64Array.of(7, 7), scale: Float64Array.of(1, 1) });
    expect(scaling?.locations).toEqual({ center: Float64Array.of(3), scale: Float64Array.of(1) });
    expect(scaling?.targets).toEqual({ center: Float64Array.of(5), scale: Float64Array.of(1) });
    // the first sensor is at a boundary: 0 up to rounding
    const boundary = denseMatrix([1e-17, 2, -1e-17, 4], 2, 2);
    const locations = denseMatrix([0, 1], 2, 1);
    const { scaling: own } = operatorData({ sensorValues: boundary, locations, targets: boundary });
    expect(own?.sensorValues.scale).toEqual(new Float64Array(2).fill(Math.sqrt(0.5)));
  });

  test.each([
    ["maps the box of locations", undefined],
    ["leaves locations to a feature map", periodicMap({ periods: [1000], harmonics: 2 })],
  ])("the exported file computes in the data's own units: %s", async (_, features) => {
    const network = deepONet({ sensors: m, branch: [8, 6], trunk: [8, 6], outputs: 2, features });
    const parameters = network.parameters({ stream: randomStream(3) });
    const [data, plain] = [operatorData(pairs), operatorData({ ...pairs, standardize: false })];
    using own = await loadOperator(exportOperator({ network, parameters, data }));
    using bare = await loadOperator(exportOperator({ network, parameters, data: plain }));
    const s = data.scaling;
    if (!s) throw new Error("the data must have a scaling");
    const inner = await bare.evaluate({
      sensorValues: scaled(u, (x, j) => (x - s.sensorValues.center[j]) / s.sensorValues.scale[j]),
      locations: features ? y : scaled(y, (x) => (x - 500) / 500),
    });
    const expected = scaled(inner.values, (x, k) => s.targets.center[k % 2] + s.targets.scale[k % 2] * x);
    const { values, outside } = await own.evaluate({ sensorValues: u, locations: y });
    expect([...outside]).toEqual([]);
    values.values.forEach((value, k) => {
      expect(Math.abs(value - expected.values[k]) / s.targets.scale[k % 2]).toBeLessThan(2e-4);
    });
  });

  test("an error is the same in other units, and that of the exported file", async () => {
    const network = deepONet({ sensors: m, branch: [12, 12], trunk: [12, 12] });
    const simple = {
      sensorValues: denseMatrix(normal(5, n * m), n, m),
      locations: scaled(y, (x) => x / 1000),
    };
    const s = denseMatrix(
      Float64Array.from({ length: n * q }, (_, k) => {
        const row = Math.floor(k / q) * m;
        return simple.sensorValues.values[row] * Math.cos(3 * simple.locations.values[k % q]);
      }),
      n,
      q,
    );
    const train = async (data: ReturnType<typeof operatorData>) => {
      const { iterate } = await solve(
        trainOperator({ network, data, testData: data, iterations: 200, every: 100, seed: 2 }),
      );
      return iterate;
    };
    const near = await train(operatorData({ ...simple, targets: s }));
    const data = operatorData({
      sensorValues: scaled(simple.sensorValues, (x) => 300 + 50 * x),
      locations: y,
      targets: scaled(s, (x) => 1e5 + 1e4 * x),
    });
    const far = await train(data);
    expect(near.train).toBeLessThan(0.1);
    expect(far.train / 1e8 / near.train).toBeCloseTo(1, 1);
    expect(far.test).toBe(far.train);
    using operator = await loadOperator(exportOperator({ network, parameters: far.parameters, data }));
    const { values } = await operator.evaluate({ sensorValues: data.sensorValues, locations: y });
    const error = meanOf([...values.values].map((value, k) => (value - data.targets.values[k]) ** 2));
    expect(error / far.train).toBeCloseTo(1, 2);
  });

  test("standardize is true or false", () => {
    // @ts-expect-error a string is no choice
    expect(() => operatorData({ ...pairs, standardize: "yes" })).toThrow(
      'standardize must be true or false, got "yes"',
    );
  });

  const trained = async (pairs: Parameters<typeof operatorData>[0]) => {
    const data = operatorData({ outputs: 2, ...pairs });
    const network = deepONet({
      sensors: m,
      outputs: 2,
      branch: [8, 8],
      trunk: [8, 8],
      strategy: "split-both",
    });
    return (await solve(trainOperator({ network, data, iterations: 20, seed: 3 }))).iterate;
  };

  test("errors follow the units of the targets beyond float32's squares", async () => {
    const first = await trained(pairs);
    for (const unit of [2 ** 100, 2 ** -100]) {
      const { train, best } = await trained({ ...pairs, targets: scaled(targets, (s) => unit * s) });
      expect(train / first.train / unit ** 2).toBeCloseTo(1, 12);
      expect(best.steps).toBe(first.best.steps);
    }
  });

  test.each([
    ["sensorValues", { sensorValues: scaled(u, (x) => x + 1e9) }],
    ["locations", { locations: scaled(y, (x) => x + 1.7e11) }],
    ["targets", { targets: scaled(targets, (s, k) => (k % 2 === 0 ? s : s + 1e3)) }],
  ])("names %s that float32 does not tell apart", async (name, change) => {
    await expect(trained({ ...pairs, ...change })).rejects.toThrow(
      `data.${name} must vary by more than float32 resolves`,
    );
  });

  test("takes numbers far from 0 that do not vary, or that float32 has exactly", async () => {
    const same = denseMatrix(new Float64Array(n * m).fill(123_456_789), n, m);
    await expect(trained({ ...pairs, sensorValues: same })).resolves.toMatchObject({ done: true });
    const conserved = scaled(targets, (_, k) => 0.3 + (k % 3) * 2 ** -54);
    await expect(trained({ ...pairs, targets: conserved })).resolves.toMatchObject({ done: true });
    const far = scaled(y, (x) => 2 ** 30 + 128 * Math.round(x));
    await expect(trained({ ...pairs, locations: far })).resolves.toMatchObject({ done: true });
    await expect(trained({ ...pairs, sensorValues: scaled(u, (x) => 1e-42 * x) })).rejects.toThrow(
      "data.sensorValues must vary within the range of float32",
    );
  });
});
