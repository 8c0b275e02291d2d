import { deepONet, exportOperator } from "gradus/operators";
import { randomStream } from "gradus/random";
import { expect, test } from "vitest";
import { isMatrix } from "../experiment.ts";
import { initialValues, openExploration } from "../explore.ts";
import { expectDecisive } from "../paper-testing.ts";
import { toBase64 } from "../shared/base64.ts";
import diffusion from "./diffusion.ts";
import { inputAt, moveAntiderivative, outputAt } from "./explore-antiderivative.ts";
import { gridLocations, moveSource } from "./explore-source.ts";
import generalization, { outsiders } from "./generalization.ts";
import horizon from "./horizon.ts";
import type { Learned } from "./learn.ts";
import nonlinear from "./nonlinear.ts";
import { inputSpace, makePairs, operators } from "./problems.ts";
import sensors from "./sensors.ts";
import stacked from "./stacked.ts";
import trainingSize from "./training-size.ts";

/** A training whose error falls by e each 100 steps; test errors are `ratio` times training errors. */
const learned = (start: number, end: number, ratio: (step: number) => number): Learned => {
  const path = Array.from({ length: 11 }, (_, k) => {
    const train = start * (end / start) ** (k / 10);
    return { steps: 100 * k, train, test: train * ratio(k) };
  });
  const last = path[path.length - 1];
  return { train: last.train, test: last.test, path };
};

test("generalization: against fully connected networks, and together in training", () => {
  const findings = (
    own: Learned,
    fnn: Learned,
    outside: number,
    noBias = own,
    sizes = { functions: 10_000, iterations: 50_000 },
  ) => ({
    ...sizes,
    models: [
      { name: "DeepONet", width: 40, learned: own, outside: outsiders.map(() => outside) },
      { name: "FNN 2x40", width: 40, learned: fnn, outside: outsiders.map(() => 0.5) },
      { name: "DeepONet without bias", width: 40, learned: noBias, outside: outsiders.map(() => outside) },
    ],
  });
  const steady = learned(0.4, 1e-4, () => 2);
  const worse = learned(0.4, 2e-3, () => 10);
  expectDecisive(
    generalization,
    findings(steady, worse, 0.03),
    findings(
      learned(0.4, 0.1, (k) => (k % 2 === 0 ? 1.1 : 30)),
      worse,
      0.6,
      steady,
    ),
  );
  const small = generalization.judge(
    findings(steady, worse, 0.03, steady, { functions: 1000, iterations: 1500 }),
  );
  expect(small).toHaveLength(generalization.judge(findings(steady, worse, 0.03)).length - 1);
});

test("stacked: ratios and medians", () => {
  const pair = (stackedTrain: number, stackedTest: number) => ({
    seed: 1,
    unstacked: { train: 1e-4, test: 3e-4, path: [] },
    stacked: { train: stackedTrain, test: stackedTest, path: [] },
  });
  expectDecisive(
    stacked,
    { pairs: [pair(1e-5, 6e-4), pair(2e-5, 5e-4)] },
    { pairs: [pair(2e-4, 3e-4), pair(3e-4, 2e-4)] },
  );
});

test("sensors: exponents, the law, the floor", () => {
  const kappas = (power: number, ofLength: number) =>
    [0.1, 0.2, 0.4, 0.8].map((length) => ({
      length,
      errors: [10, 20, 40, 80].map((m) => m ** power * length ** ofLength),
    }));
  const nets = (base: number, over: number, last: number) =>
    [2, 3, 4, 5, 8, 20].map((m) => ({
      sensors: m,
      floor: base ** -m,
      test: m < 8 ? over * base ** -m : m === 20 ? last : 1e-4,
    }));
  expectDecisive(
    sensors,
    { kappas: kappas(-2, -2), nets: nets(6, 1.1, 2e-4) },
    { kappas: kappas(-1, -1), nets: nets(1.5, 4, 1e-2) },
    { kappas: kappas(-3, -3), nets: nets(6, 0.5, 2e-4) },
  );
});

test("horizon: an exponential, not a line", () => {
  const rows = (test: (T: number) => number, variance: number) =>
    [1, 2, 3, 4, 5].map((T) => ({ horizon: T, test: test(T), variance: variance ** T }));
  expectDecisive(
    horizon,
    { rows: rows((T) => 1e-6 * 8 ** T, 3) },
    { rows: rows((T) => (T === 3 ? 1e-9 : 1e-3), 3) },
  );
});

test("training size: a rate, and a gap that falls", () => {
  const rows = (rate: number, bump: number) =>
    Array.from({ length: 7 }, (_, k) => {
      const functions = 25 * 2 ** k;
      return { functions, train: 1e-6, test: 1e-6 + functions ** -rate * (k === 4 ? bump : 1) };
    });
  expectDecisive(trainingSize, { rows: rows(1.4, 1) }, { rows: rows(0.2, 9) });
});

test("diffusion: more functions, more points, and the size that is reported", () => {
  const findings = (rate: number, scale: number) => {
    const [counts, perFunction] = [
      [25, 50, 100],
      [10, 100, 1000],
    ];
    const runs = [
      ...counts.map((functions) => ({ functions, points: 1000 })),
      ...perFunction.slice(0, 2).map((points) => ({ functions: 100, points })),
    ].map((run) => ({ ...run, test: scale * (run.functions * run.points) ** -rate }));
    return { runs, counts, perFunction };
  };
  expectDecisive(diffusion, findings(1.5, 100), findings(0.1, 1));
});

test("nonlinear: medians over repeats", () => {
  const repeats = (ratio: number) =>
    [1, 2, 3].map((seed) => ({ seed, dropped: 0, baseline: 0.05, deepONet: 0.05 * ratio }));
  expectDecisive(nonlinear, { repeats: repeats(0.2) }, { repeats: repeats(0.9) });
});

test("pairs for training and for testing share no function; the probe is one more", () => {
  const options = {
    operator: operators.antiderivative(),
    sensors: 5,
    functions: 20,
    testFunctions: 20,
    seed: 3,
  };
  const { data, testData, probe } = makePairs({ space: inputSpace(), ...options });
  const firsts = [data, testData, probe].map(({ sensorValues }) => sensorValues.values[0]);
  expect(new Set(firsts).size).toBe(3);
  expect(probe.targets.values[0]).toBe(0);
});

test("the closed forms that are drawn are antiderivatives of their inputs", () => {
  const integrate = (u: (x: number) => number, x: number) => {
    const n = 2000;
    return Array.from({ length: n }, (_, i) => (u(((i + 0.5) * x) / n) * x) / n).reduce((a, b) => a + b, 0);
  };
  for (const { u, s } of outsiders)
    for (const x of [0.3, 1]) expect(s(x) - s(0)).toBeCloseTo(integrate(u, x), 6);
  const values = { constant: -0.3, slope: 0.7, first: 1.1, second: -0.4 };
  expect(outputAt(values, 0.8)).toBeCloseTo(
    integrate((x) => inputAt(values, x), 0.8),
    6,
  );
});

test("explorations show what the kept file computes, and the reference", async () => {
  const space = inputSpace();
  const { data } = makePairs({
    space,
    operator: operators.antiderivative(),
    sensors: 100,
    functions: 4,
    testFunctions: 1,
    seed: 1,
  });
  const network = deepONet({ sensors: 100, branch: [4], trunk: [4] });
  const file = exportOperator({ network, parameters: network.parameters({ stream: randomStream(1) }), data });
  const line = await openExploration(moveAntiderivative, { file: toBase64(file) });
  const { moved } = await line.show(initialValues(moveAntiderivative.controls));
  expect(Object.keys(moved)).toEqual(["DeepONet", "input u", "true output"]);
  for (const points of Object.values(moved)) expect(points).toHaveLength(101);
  line.close();

  const plane = deepONet({ sensors: 100, dimension: 2, branch: [4], trunk: [4] });
  const planeFile = exportOperator({
    network: plane,
    parameters: plane.parameters({ stream: randomStream(1) }),
    data: { sensors: data.sensors, locations: gridLocations, scaling: undefined },
  });
  const heat = await openExploration(moveSource, { file: toBase64(planeFile) });
  const { solution } = await heat.show({ place: 0.5, width: 0.2, strength: 0 });
  const exact = solution["true solution"];
  expect(isMatrix(exact) && exact.values.every((value) => value === 0)).toBe(true);
  heat.close();
});
