import type { Tensor } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { parseCheckpoint, serializeCheckpoint } from "../iterate/checkpoint.ts";
import { softmaxCrossEntropy } from "../losses/traced/cross-entropy.ts";
import { dense, denseParameters } from "../nn/dense.ts";
import { quadratic } from "../objectives/quadratic.ts";
import { randomStream } from "../random/stream.ts";
import { nearestNeighbors } from "./aggregate/nearest-neighbors.ts";
import { plainMean } from "./aggregate/plain-mean.ts";
import type { MixingRule, WeightedRule } from "./aggregate/rule.ts";
import { coordinateTrimmedMean } from "./aggregate/trimmed-mean.ts";
import { fallOfEmpires, littleIsEnough } from "./attack/along-direction.ts";
import type { Attack } from "./attack/contract.ts";
import { labelFlip } from "./attack/label-flip.ts";
import { notANumber } from "./attack/not-a-number.ts";
import { signFlip } from "./attack/sign-flip.ts";
import { geometryOf } from "./geometry.ts";
import { graphMixing } from "./graph-mixing.ts";
import { localLoss } from "./local-loss.ts";
import { combineOnHost } from "./mixing.ts";
import { localObjectives } from "./problem.ts";
import { type CollaborativeTrainingOptions, collaborativeTraining } from "./training.ts";
import { rowsOf } from "./vector.ts";

const d = 3;

function bowls(nodes: number, noise = 0) {
  const values = Float64Array.from([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  const objectives = Array.from({ length: nodes }, (_, i) =>
    quadratic(
      { rows: d, columns: d, values },
      Float64Array.from({ length: d }, (__, k) => Math.cos(i + k)),
    ),
  );
  return localObjectives(objectives, new Float64Array(d).fill(2), { noise, seed: 9 });
}

async function iterateAt(
  steps: number,
  problem: ReturnType<typeof bowls>,
  options: CollaborativeTrainingOptions,
) {
  for await (const iterate of collaborativeTraining(problem, options))
    if (iterate.iteration === steps) {
      const { models, state, spread, drift, gradientsPerNode, rejectedFaulty, mean, warning } = iterate;
      return { models, state, spread, drift, gradientsPerNode, rejectedFaulty, mean, warning };
    }
  throw new Error("the training ended");
}

test("without faulty nodes and momentum, averaging everything is gradient descent on the mean", async () => {
  const { mean, spread, gradientsPerNode } = await iterateAt(7, bowls(4), {
    mixing: plainMean(),
    momentum: 0,
    learningRate: 0.3,
  });
  // theta_t = c + (1 - gamma)^t (theta_0 - c).
  mean.forEach((x, k) => {
    const c = [0, 1, 2, 3].reduce((sum, i) => sum + Math.cos(i + k) / 4, 0);
    expect(x).toBeCloseTo(c + 0.7 ** 7 * (2 - c), 12);
  });
  expect(spread).toBeLessThan(1e-25);
  expect(gradientsPerNode).toBe(7);
});

describe.each([
  ["ALIE", { attack: littleIsEnough(), faulty: 2, rounds: 2 }],
  [
    "FOE with gradients exchanged",
    {
      attack: fallOfEmpires(),
      faulty: 2,
      mixing: coordinateTrimmedMean(),
      gradientMixing: coordinateTrimmedMean(),
    },
  ],
  ["NaN, any nodes late", { attack: notANumber(), faulty: 2, arrival: "uniform" as const }],
])("%s", (_, settings) => {
  const options = { ...settings, momentum: 0.9, learningRate: 0.1, seed: 4 };

  test("resumes bit for bit from a checkpoint", async () => {
    const problem = bowls(9, 0.5);
    const whole = await iterateAt(9, problem, options);
    const half = await iterateAt(4, problem, options);
    const state = parseCheckpoint(serializeCheckpoint(half.state)) as typeof half.state;
    const resumed = await iterateAt(9, problem, { ...options, resume: { iteration: 4, state } });
    expect(resumed.models).toEqual(whole.models);
    expect(resumed.state).toEqual(whole.state);
  });
});

test("garbage is thrown away and counted; the honest nodes come close to their minimum", async () => {
  const { mean, rejectedFaulty } = await iterateAt(120, bowls(12), {
    faulty: 1,
    attack: notANumber(),
    momentum: 0.5,
    learningRate: 0.1,
  });
  // One faulty node, twelve receivers, 120 steps.
  expect(rejectedFaulty).toBe(12 * 120);
  mean.forEach((x, k) => {
    const c = Array.from({ length: 12 }, (_, i) => Math.cos(i + k) / 12).reduce((a, b) => a + b);
    expect(Math.abs(x - c)).toBeLessThan(0.1);
  });
});

test("faults beyond the proof are warned of with the constant", async () => {
  const options = { attack: signFlip(), learningRate: 0.1 };
  expect((await iterateAt(0, bowls(20), { ...options, faulty: 1 })).warning).toBeUndefined();
  expect((await iterateAt(0, bowls(9), { ...options, faulty: 2 })).warning).toContain("C = ");
});

test("what cannot work is refused, and what blows up is named", async () => {
  const at = (options: CollaborativeTrainingOptions) => iterateAt(1, bowls(6), options);
  const attack = signFlip();
  await expect(at({ faulty: 6, attack, learningRate: 1 })).rejects.toThrow("half of the 12 nodes");
  await expect(at({ faulty: 3, attack, learningRate: 1, mixing: coordinateTrimmedMean() })).rejects.toThrow(
    "needs 7 models, but a round waits for only 6",
  );
  await expect(at({ faulty: 1, learningRate: 1 })).rejects.toThrow("need an attack");
  await expect(at({ momentum: 1, learningRate: 1 })).rejects.toThrow("momentum must be in [0, 1), got 1");
  await expect(at({ learningRate: 0 })).rejects.toThrow("learningRate");
  await expect(at({ learningRate: () => Number.NaN })).rejects.toThrow("at step 0");
  await expect(at({ learningRate: 1, rounds: 0 })).rejects.toThrow("rounds");
  await expect(
    iterateAt(900, bowls(6), { momentum: 0, learningRate: 40, mixing: plainMean() }),
  ).rejects.toThrow(/node 0's own model is not finite at step \d+/);
  await expect(at({ learningRate: 1, signal: AbortSignal.abort(new Error("closed")) })).rejects.toThrow(
    "closed",
  );
});

describe("a traced loss on every node's own rows", () => {
  const stream = randomStream(5);
  const rows = 60;
  const x = stream.fillNormal(new Float32Array(rows * 2));
  const y = Uint8Array.from({ length: rows }, (_, i) => (x[2 * i] > 0 ? 1 : 0) + (x[2 * i + 1] > 0 ? 1 : 0));
  const parts = [0, 1, 2, 3, 4].map((part) => Array.from({ length: 12 }, (_, i) => part * 12 + i));
  const options = {
    loss: (p: { weights: Tensor; bias: Tensor }, batch: { x: Tensor; y: Tensor }) =>
      softmaxCrossEntropy(dense(p, batch.x), batch.y),
    parameters: denseParameters({ inputs: 2, outputs: 3, stream }),
    data: { x, d: 2, y },
    parts,
    classes: 3,
    seed: 1,
  };

  test.each([
    ["together", 2],
    ["one by one where models are long", 22_000],
  ])("gives every node the gradient on its own rows, by softmax's formula: %s", async (_, d) => {
    // Beyond the two features there are zeros.
    const wide = new Float32Array(rows * d);
    for (let row = 0; row < rows; row++) wide.set(x.subarray(2 * row, 2 * row + 2), row * d);
    const parameters = denseParameters({ inputs: d, outputs: 3, stream });
    await using problem = await localLoss({ ...options, parameters, data: { x: wide, d, y }, batchSize: 12 });
    const length = 3 * d + 3;
    const models = new Float32Array(5 * length).map((__, k) => Math.sin(k));
    const gradients = await problem.gradients(models, 3);
    for (const [node, own] of parts.entries()) {
      const theta = models.subarray(node * length, (node + 1) * length);
      const expected = new Float64Array(length);
      for (const row of own) {
        const logits = [0, 1, 2].map(
          (c) => x[2 * row] * theta[c] + x[2 * row + 1] * theta[3 + c] + theta[3 * d + c],
        );
        const total = logits.reduce((sum, z) => sum + Math.exp(z), 0);
        logits.forEach((z, c) => {
          const residual = (Math.exp(z) / total - (y[row] === c ? 1 : 0)) / 12;
          expected[c] += residual * x[2 * row];
          expected[3 + c] += residual * x[2 * row + 1];
          expected[3 * d + c] += residual;
        });
      }
      const alone = await problem.gradient(node, theta, 3);
      const farthest = (given: ArrayLike<number>, from: number) =>
        expected.reduce((most, value, k) => Math.max(most, Math.abs(given[from + k] - value)), 0);
      expect(farthest(gradients, node * length)).toBeLessThan(5e-6);
      expect(farthest(alone, 0)).toBeLessThan(5e-6);
    }
    expect(problem.unpack(problem.start)).toEqual(parameters);
  });

  test("trains under a label flip with growing batches", async () => {
    expect.hasAssertions();
    await using problem = await localLoss({ ...options, batchSize: (step) => step + 1 });
    const run = collaborativeTraining(problem, {
      faulty: 1,
      attack: labelFlip(),
      learningRate: 0.5,
      momentum: 0.5,
    });
    for await (const { iteration, gradientsPerNode } of run) {
      expect(gradientsPerNode).toBe((iteration * (iteration + 1)) / 2);
      if (iteration === 20) break;
    }
  });

  test("names parts without rows, or with rows that are not there", async () => {
    await expect(localLoss({ ...options, batchSize: 1, parts: [[0], []] })).rejects.toThrow("parts[1]");
    await expect(localLoss({ ...options, batchSize: 1, parts: [[60]] })).rejects.toThrow("0 .. 59, got 60");
  });
});

test.each(["float64", "float32"])("the graph's matrices are the host's: %s", async (precision) => {
  const [h, length] = [5, 700];
  const stream = randomStream(8);
  const single = precision === "float32";
  const flat = single
    ? stream.fillNormal(new Float32Array(h * length))
    : stream.fillNormal(new Float64Array(h * length));
  const honest = rowsOf(flat, length);
  const byzantine = honest[0].map((v) => 2 * v);
  const graph = graphMixing();
  const [fast, slow] = [await graph.geometry(honest), geometryOf(honest)];
  const tolerance = single ? 1e-3 : 1e-10;
  slow.gram.forEach((value, k) => {
    expect(Math.abs(fast.gram[k] - value)).toBeLessThan(tolerance);
  });
  for (const rows of [honest, [...honest, byzantine]]) {
    const weights = stream.fillUniform(new Float64Array(h * rows.length));
    const [mixed, expected] = [await graph.combine(rows, weights), combineOnHost(rows, weights)];
    expect(mixed.length).toBe(flat.length);
    mixed.forEach((value, k) => {
      expect(Math.abs(value - expected[k])).toBeLessThan(tolerance);
    });
  }
  await graph.dispose();
});

test("long models are mixed by the graph with the same result", async () => {
  const options = {
    faulty: 2,
    attack: littleIsEnough(),
    learningRate: 0.1,
    momentum: 0.5,
    mixing: nearestNeighbors(),
  };
  const host = await iterateAt(5, bowls(8, 0.3), options);
  const graph = await iterateAt(5, bowls(8, 0.3), { ...options, graphFrom: 1 });
  graph.models.forEach((model, i) => {
    for (let k = 0; k < d; k++) expect(Math.abs(model[k] - host.models[i][k])).toBeLessThan(1e-10);
  });
});

test("what an attack sends is counted and measured", async () => {
  const sending = (...models: Float64Array[]) => ({ name: "own", models: () => models });
  const train = (attack: ReturnType<typeof sending>) =>
    iterateAt(1, bowls(4), { faulty: 1, attack, learningRate: 0.1 });
  const model = new Float64Array(d);
  await expect(train(sending())).rejects.toThrow(
    'attack "own" must send one model for each of the 1 faulty nodes, got 0',
  );
  await expect(train(sending(model, model))).rejects.toThrow("got 2");
  await expect(train(sending(new Float64Array(2)))).rejects.toThrow("must send models of 3 numbers, got 2");
  const hole = { name: "own", models: () => [undefined as never] };
  await expect(iterateAt(1, bowls(4), { faulty: 1, attack: hole, learningRate: 0.1 })).rejects.toThrow(
    "must send models of 3 numbers, got undefined",
  );
  const nothing = { name: "own", models: () => undefined as never };
  await expect(iterateAt(1, bowls(4), { faulty: 1, attack: nothing, learningRate: 0.1 })).rejects.toThrow(
    "faulty nodes, got undefined",
  );
  const toEach = { name: "own", models: () => () => [model, model] };
  await expect(iterateAt(1, bowls(4), { faulty: 1, attack: toEach, learningRate: 0.1 })).rejects.toThrow(
    "got 2",
  );
});

test("an attack that computes in place changes only what it sends", async () => {
  const scribbling: Attack = {
    name: "own",
    models(honest, { geometry }) {
      const model = geometry.mean.map((value) => -value);
      for (const array of [...honest, geometry.mean, geometry.gram, geometry.squaredNorms]) array.fill(1e3);
      return [model];
    },
  };
  const options = { faulty: 1, momentum: 0.5, learningRate: 0.1, rounds: 2 };
  for (const mixing of [nearestNeighbors(), coordinateTrimmedMean()]) {
    const expected = await iterateAt(4, bowls(6), { ...options, mixing, attack: signFlip() });
    expect(await iterateAt(4, bowls(6), { ...options, mixing, attack: scribbling })).toEqual(expected);
  }
});

test("what an own rule does not write is named, and no zeros are mixed", async () => {
  const mean: WeightedRule = {
    name: "own",
    kind: "weighted",
    ownMatters: false,
    fewest: () => 1,
    mix: (models) => models[0],
    weights: (_, weights) => void weights.fill(1 / weights.length),
  };
  const train = (rule: object) =>
    iterateAt(2, bowls(4), { mixing: { ...mean, ...rule } as MixingRule, momentum: 0, learningRate: 0.1 });
  const plain = await iterateAt(2, bowls(4), { mixing: plainMean(), momentum: 0, learningRate: 0.1 });
  for (const [k, x] of (await train({})).mean.entries()) expect(x).toBeCloseTo(plain.mean[k], 12);

  const weights = 'mixing rule "own" must write 4 weights >= 0 that sum to 1 into the array that it gets';
  await expect(train({ weights: () => Float64Array.of(1, 0, 0, 0) })).rejects.toThrow(`${weights}, before`);
  // also where it has written in time: what it throws later would go to nobody
  for (const weights of [
    async () => {},
    async (...[, out]: Parameters<WeightedRule["weights"]>) => {
      out.fill(1 / out.length);
      throw new Error("later");
    },
  ])
    await expect(train({ weights })).rejects.toThrow(
      'mixing rule "own" must mix before it returns, got a promise',
    );
  const two = (_: unknown, out: Float64Array) => out.fill(2 / out.length);
  await expect(train({ weights: two })).rejects.toThrow("got weights that sum to 2");
  const apart = (_: unknown, out: Float64Array) => void out.fill(-0.5).fill(2.5, 0, 1);
  await expect(train({ weights: apart })).rejects.toThrow("got -0.5 at index 1");
  await expect(train({ fewest: () => Number.NaN })).rejects.toThrow(
    "mixing.fewest(0) must be a positive integer, got NaN",
  );
  await expect(
    iterateAt(1, bowls(4), {
      gradientMixing: { ...mean, fewest: () => Number.NaN },
      momentum: 0,
      learningRate: 0.1,
    }),
  ).rejects.toThrow("gradientMixing.fewest(0) must be a positive integer, got NaN");
  await expect(train({ weights: undefined })).rejects.toThrow("mixing.weights must be a function");
  await expect(train({ kind: "mean" })).rejects.toThrow(
    'mixing.kind must be "weighted" or "coordinate-wise"',
  );

  const coordinates = { kind: "coordinate-wise", displacement: () => () => 0 };
  await expect(train(coordinates)).rejects.toThrow("mixing.mixAll must be a function");
  await expect(train({ ...coordinates, mixAll: () => {} })).rejects.toThrow("got NaN at index 0");
});

test("a gradient of the wrong length is named with its objective", async () => {
  const [good] = [quadratic({ rows: 1, columns: 1, values: Float64Array.of(1) }, Float64Array.of(0))];
  const short = { ...good, gradient: () => new Float64Array(0) };
  const long = { ...good, gradient: async () => new Float64Array(2) };
  const start = new Float64Array(1);
  expect(() => localObjectives([good, short], start).gradients(new Float64Array(2), 0)).toThrow(
    "the gradient of objectives[1] must have 1 numbers, got 0",
  );
  await expect(localObjectives([long], start).gradients(start, 0)).rejects.toThrow("got 2");
  await expect(localObjectives([long], start).gradient(0, start, 0)).rejects.toThrow("objectives[0]");
});

test("unknown options and values are refused", async () => {
  const wrong: object[] = [{ lr: 0.1 }, { arrival: "best" }, { learningRate: "0.1" }, { rounds: 0 }];
  const messages = [
    'no option "lr"',
    'arrival must be "worst" or "uniform", got "best"',
    "learningRate",
    "rounds must be a positive integer, got 0",
  ];
  for (const [i, options] of wrong.entries())
    await expect(iterateAt(1, bowls(4), { learningRate: 0.1, ...options })).rejects.toThrow(messages[i]);
  expect(() => localObjectives([], new Float64Array(1), { sigma: 1 } as object)).toThrow("objectives");
  const one = quadratic({ rows: 1, columns: 1, values: Float64Array.of(1) }, Float64Array.of(0));
  expect(() => localObjectives([one], new Float64Array(1), { sigma: 1 } as object)).toThrow(
    'localObjectives has no option "sigma"',
  );
});
