import { describe, expect, test } from "vitest";
import { gaussianRandomField } from "../../data/generators/gaussian-random-field.ts";
import { parseCheckpoint, serializeCheckpoint } from "../../iterate/checkpoint.ts";
import { solve } from "../../iterate/iterate.ts";
import { denseMatrix } from "../../linalg/matrix.ts";
import { randomStream } from "../../random/stream.ts";
import { sgd } from "../../train/sgd.ts";
import { antiderivative } from "../generators/antiderivative.ts";
import { operatorDataset } from "../generators/operator-dataset.ts";
import { deepONet } from "./deep-onet.ts";
import { evenPoints, operatorData } from "./operator-data.ts";
import { trainOperator } from "./train-operator.ts";
import { exportOperator, loadOperator } from "./trained-operator.ts";

const space = gaussianRandomField({ points: 201, lengthScale: 0.4 });
const make = (seed: number, functions: number, more: object = { pointsPerFunction: 1 }) =>
  operatorDataset({
    space,
    operator: antiderivative(),
    sensors: 10,
    functions,
    stream: randomStream(seed),
    ...more,
  });
const grid = { locations: denseMatrix(evenPoints(20), 20, 1) };
const network = deepONet({ sensors: 10, branch: [20, 20], trunk: [20, 20] });
const data = make(1, 200);
const run = { network, data, iterations: 300, every: 100, seed: 1 };

describe("trainOperator", () => {
  test("learns the antiderivative, and keeps the checkpoint with the lowest training error", async () => {
    const errors: number[] = [];
    const { iterate } = await solve(trainOperator({ ...run, testData: make(2, 300) }), {
      onIterate: ({ train }) => errors.push(train),
    });
    expect(errors).toHaveLength(4);
    expect(iterate.steps).toBe(300);
    expect(iterate.best.train).toBe(Math.min(...errors));
    expect(iterate.train).toBeLessThan(0.02 * errors[0]);
    expect(iterate.test).toBeLessThan(0.05 * errors[0]);
  });

  test("resumes bit for bit", async () => {
    const whole = await solve(trainOperator(run));
    const half = await solve(trainOperator(run), { maxIterations: 1 });
    const { iteration, state } = parseCheckpoint(serializeCheckpoint(half.iterate)) as typeof half.iterate;
    const resumed = await solve(trainOperator({ ...run, resume: { iteration, state } }));
    expect(resumed.iterate).toEqual(whole.iterate);
  });

  test("trains on a grid and in batches of functions", async () => {
    const { iterate } = await solve(
      trainOperator({ ...run, data: make(1, 200, grid), testData: make(2, 100, grid), batchSize: 50 }),
    );
    expect(iterate.steps).toBe(300);
    expect(iterate.test).toBeLessThan(0.01);
  });

  test("names data that are not the network's", async () => {
    const rows = (count: number, columns: number) =>
      denseMatrix(new Float64Array(count * columns), count, columns);
    const other = operatorData({ sensorValues: rows(3, 8), locations: rows(2, 1), targets: rows(3, 2) });
    await expect(solve(trainOperator({ ...run, data: other }))).rejects.toThrow(
      "the branch expects 10 sensor values, got 8 columns in data.sensorValues; make the network with sensors: 8",
    );
    const plane = operatorData({ sensorValues: rows(3, 10), locations: rows(2, 2), targets: rows(3, 2) });
    await expect(solve(trainOperator({ ...run, data: plane }))).rejects.toThrow(
      "the network expects locations with dimension 1, got 2 columns in data.locations; make the network with dimension: 2",
    );
    const huge = denseMatrix(new Float64Array(30).with(12, 1e60), 3, 10);
    const beyond = operatorData({ sensorValues: huge, locations: rows(2, 1), targets: rows(3, 2) });
    await expect(solve(trainOperator({ ...run, testData: beyond }))).rejects.toThrow(
      "testData.sensorValues must be within ±3.4e38, the range of float32, got 1e+60 in row 1, column 2; scale it",
    );
    await expect(solve(trainOperator({ ...run, iterations: 0 }))).rejects.toThrow(
      "iterations must be a positive integer, got 0",
    );
    const elsewhere = { ...make(2, 20), sensors: evenPoints(10, 0, 2) };
    await expect(solve(trainOperator({ ...run, testData: elsewhere }))).rejects.toThrow(
      `testData.sensors[1] must be ${1 / 9}, as in data, got ${2 / 9}; interpolate the functions to data.sensors`,
    );
    await expect(solve(trainOperator({ ...run, batchSize: 201 }))).rejects.toThrow(
      'batchSize must be at most the number of functions 200, got 201; "full" takes all of them',
    );
    const steep = { ...run, optimizer: sgd({ learningRate: 1e6 }) };
    await expect(solve(trainOperator(steep))).rejects.toMatchObject({ name: "DivergenceError" });
  });
});

describe("operatorData", () => {
  const ones = (rows: number, columns: number) =>
    denseMatrix(new Float64Array(rows * columns).fill(1), rows, columns);
  test("names pairs that do not match", () => {
    expect(() =>
      operatorData({ sensorValues: ones(3, 2), locations: ones(4, 1), targets: ones(2, 4) }),
    ).toThrow("sensorValues and targets must have a row for each function, got 3 and 2 rows");
    expect(() =>
      operatorData({ sensorValues: ones(3, 2), locations: ones(4, 1), targets: ones(3, 5) }),
    ).toThrow("targets must have 4 columns (4 locations a function), got 5");
    expect(() =>
      operatorData({
        sensorValues: ones(3, 2),
        locations: ones(4, 1),
        targets: ones(3, 4),
        layout: "scattered",
      }),
    ).toThrow("scattered locations must have as many rows for each of the 3 functions, got 4 rows");
    expect(() =>
      operatorData({ sensorValues: ones(0, 2), locations: ones(4, 1), targets: ones(0, 4) }),
    ).toThrow("sensorValues must have at least one row, got none");
    const targets = ones(3, 4);
    targets.values[5] = Number.NaN;
    expect(() => operatorData({ sensorValues: ones(3, 2), locations: ones(4, 1), targets })).toThrow(
      "targets must be finite, got NaN in row 1, column 1",
    );
  });
});

describe("a trained operator", () => {
  const parameters = network.parameters({ stream: randomStream(5) });
  const file = exportOperator({ network, parameters, data });
  const functions = (count: number, columns = 10) =>
    denseMatrix(randomStream(6).fillNormal(new Float64Array(count * columns)), count, columns);
  const locations = denseMatrix([0.2, 0.7, 3], 3, 1);

  test("gives after a round trip through its file what the network gives", async () => {
    using operator = await loadOperator(file);
    expect(operator.sensors).toEqual(evenPoints(10));
    const [two, one] = [functions(2), functions(1)];
    const { values, outside } = await operator.evaluate({ sensorValues: two, locations });
    expect([values.rows, values.columns]).toEqual([2, 3]);
    expect([...outside]).toEqual([2]);
    // a row does not depend on the others
    const alone = await operator.evaluate({ sensorValues: one, locations });
    for (const k of [0, 1, 2]) expect(alone.values.values[k]).toBeCloseTo(values.values[k], 5);
    // the training error is the one of the file
    const { iterate } = await solve(trainOperator({ ...run, data: make(3, 50, grid), iterations: 100 }));
    using trained = await loadOperator(
      exportOperator({ network, parameters: iterate.parameters, data: make(3, 50, grid) }),
    );
    const { sensorValues, targets, locations: points } = make(3, 50, grid);
    const output = (await trained.evaluate({ sensorValues, locations: points })).values.values;
    const error = output.reduce((sum, s, i) => sum + (s - targets.values[i]) ** 2, 0) / output.length;
    expect(error / iterate.train).toBeCloseTo(1, 4);
  });

  test("says what to do about sensors that were not trained with", async () => {
    using operator = await loadOperator(file);
    const advice = "interpolate the functions to the sensors of the operator, its field sensors";
    await expect(operator.evaluate({ sensorValues: functions(1, 9), locations })).rejects.toThrow(
      `the branch expects 10 sensor values, got 9; ${advice}`,
    );
    const sensors = evenPoints(10, 0, 2);
    await expect(operator.evaluate({ sensorValues: functions(1), locations, sensors })).rejects.toThrow(
      `sensors[1] must be ${1 / 9}, as in training, got ${2 / 9}; ${advice}`,
    );
    const bad = functions(1);
    bad.values[3] = Number.NaN;
    await expect(operator.evaluate({ sensorValues: bad, locations })).rejects.toThrow(
      "sensorValues must be finite, got NaN in row 0, column 3",
    );
    await operator.evaluate({ sensorValues: functions(1), locations, sensors: evenPoints(10) });
  });

  test("several outputs stand side by side", async () => {
    const pair = deepONet({ sensors: 10, branch: [8], trunk: [8], outputs: 2 });
    const two = { network: pair, parameters: pair.parameters({ stream: randomStream(1) }), data };
    using operator = await loadOperator(exportOperator(two));
    expect(operator.outputs).toBe(2);
    const { values } = await operator.evaluate({ sensorValues: functions(4), locations });
    expect([values.rows, values.columns]).toEqual([4, 6]);
  });

  test("refuses parameters that are not finite", () => {
    const broken = network.parameters({ stream: randomStream(5) });
    broken.networks[0].branch.last.weights.data[3] = Number.NaN;
    expect(() => exportOperator({ network, parameters: broken, data })).toThrow(
      "parameters.networks.0.branch.last.weights must be finite, got NaN in element 3",
    );
  });
});
