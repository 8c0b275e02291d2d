import { readFile } from "node:fs/promises";
import { array } from "@gradus/graph";
import { expect, test } from "vitest";
import { loadLibsvmDataset, loadMnist, readDataFile } from "./data/index.ts";
import { compileSampler, exactModel, geometricBrownianProcess } from "./diffusion/index.ts";
import { type Iterate, solve } from "./iterate/index.ts";
import { denseKernel, tangentKernel } from "./kernels/index.ts";
import { denseMatrix } from "./linalg/index.ts";
import { compileTuner } from "./models/index.ts";
import { mlp } from "./nn/index.ts";
import { selectSlope } from "./nn/random-features/index.ts";
import { column, sampled, threeBumps } from "./nn/random-features/test-targets.ts";
import { rosenbrock } from "./objectives/index.ts";
import { minimizeBilevel, regularBilevelProblem } from "./optimize/bilevel/index.ts";
import { minimizeByValues, nelderMead } from "./optimize/derivative-free/index.ts";
import {
  blockCoordinateDescent,
  blockQuadratic,
  equalityTestProblems,
  gradientDescent,
  minimize,
  minimizeEquality,
  separate,
} from "./optimize/index.ts";
import { randomStream } from "./random/index.ts";
import { definite, right } from "./resume-linalg-testing.ts";
import { methodRuns } from "./resume-tables-testing.ts";
import { textOf } from "./resume-testing.ts";

/** A method with a signal. */
type WatchedRun = (options: { readonly signal: AbortSignal }) => AsyncGenerator<Iterate, void, void>;

const runs = Object.entries(methodRuns).map(([name, run]) => [name, run as unknown as WatchedRun] as const);

const enough = new Error("enough");
/** Iterates after which a run that has not ended is left. */
const MOST = 14;

test.each(runs)("%s rejects before the next step, and ends as it is after the last", async (_, run) => {
  const stopped = new AbortController();
  const method = run({ signal: stopped.signal });
  await method.next();
  stopped.abort(enough);
  await expect(method.next()).rejects.toBe(enough);
  const never = run({ signal: AbortSignal.abort(enough) });
  await expect(never.next()).rejects.toBe(enough);

  const late = new AbortController();
  let seen = 0;
  let done = false;
  for await (const iterate of run({ signal: late.signal })) {
    seen += 1;
    done = iterate.done === true;
    if (done) late.abort(enough);
    if (seen === MOST) break;
  }
  expect(done || seen === MOST).toBe(true);
});

/** What a function tells on its way, and the signal that it heeds. */
interface Watch {
  readonly signal: AbortSignal;
  readonly tell: () => void;
}

const { problem: curved, start: feasible } = equalityTestProblems[0];
const away = Float64Array.of(-1.2, 1);
const X = denseMatrix(randomStream(1).fillNormal(new Float64Array(60)), 30, 2);
const bilevel = regularBilevelProblem({ seed: 2 });
const bumps = sampled(threeBumps, 60);
const model = exactModel({
  ...{ process: geometricBrownianProcess({ volatility: 0.8 }), shape: [1] },
  moments: { mean: Float32Array.of(0.3), variance: Float32Array.of(0.0625) },
  score: (y) => y,
});
const network = mlp({ inputs: 2, hidden: [4], outputs: 1, activation: "tanh" });

test.each<[string, (watch: Watch) => unknown]>([
  [
    "solve",
    ({ signal, tell }) =>
      solve(gradientDescent(rosenbrock(2), away), { signal, onIterate: tell, maxIterations: 5 }),
  ],
  ["minimize", ({ signal, tell }) => minimize(rosenbrock(2), away, { signal, onIterate: tell })],
  [
    "minimize: at its limit",
    ({ signal, tell }) => minimize(rosenbrock(2), away, { signal, onIterate: tell, maxIterations: 4 }),
  ],
  [
    "minimizeByValues",
    ({ signal, tell }) =>
      minimizeByValues(rosenbrock(2), {
        method: (f, { maxEvaluations }) => nelderMead(f, 0.5, { maxEvaluations, signal }),
        ...{ maxEvaluations: 60, signal, onIterate: tell },
      }),
  ],
  ["minimizeEquality", ({ signal, tell }) => minimizeEquality(curved, feasible, { signal, onIterate: tell })],
  [
    "minimizeBilevel",
    ({ signal, tell }) =>
      minimizeBilevel(bilevel.problem, bilevel.start, {
        ...{ sigma: 0.1, stepSize: 0.2, innerStepSize: 0.4, maxIterations: 5, signal, onIterate: tell },
      }),
  ],
  [
    "separate",
    ({ signal, tell }) =>
      separate({
        A: [
          [1, 0.5],
          [-1, 1],
        ],
        y: [1, 1],
        method: "gd",
        step: 0.5,
        signal,
        onIterate: tell,
      }),
  ],
  [
    "blockCoordinateDescent",
    ({ signal, tell }) =>
      blockCoordinateDescent(blockQuadratic(definite, right), { maxIterations: 6, signal, onIterate: tell }),
  ],
  [
    "denseKernel",
    ({ signal, tell }) => denseKernel({ depth: 2 }).both(X, undefined, { signal, onProgress: tell }),
  ],
  [
    "tangentKernel",
    ({ signal, tell }) =>
      tangentKernel(
        network,
        network.parameters({ stream: randomStream(1), dtype: "f64" }),
        array(X),
        undefined,
        {
          ...{ signal, onProgress: tell, memory: 4000 },
        },
      ),
  ],
  [
    "selectSlope",
    ({ signal, tell }) =>
      selectSlope({
        ...{ x: column(bumps.x), y: bumps.values, slopes: [5, 10, 20], width: 10 },
        ...{ signal, onProgress: tell },
      }),
  ],
  [
    "DiffusionSampler.sample",
    async ({ signal, tell }) => {
      using sampler = await compileSampler(model);
      return await sampler.sample({ count: 5, steps: 23, seed: 9, signal, onProgress: tell });
    },
  ],
])("%s rejects where it is aborted on the way, and returns what is complete", async (_, call) => {
  /** The outcome when the signal is aborted in the call of this number. */
  const abortedIn = async (number: number) => {
    const controller = new AbortController();
    let calls = 0;
    const tell = () => {
      calls += 1;
      if (calls === number) controller.abort(enough);
    };
    const result = await (async () => call({ signal: controller.signal, tell }))().catch(
      (error: unknown) => error,
    );
    return { calls, result };
  };
  const whole = await abortedIn(Number.POSITIVE_INFINITY);
  expect(whole.calls).toBeGreaterThan(0);
  expect(whole.result).not.toBeInstanceOf(Error);
  const { calls } = whole;
  const told = ({ result }: { readonly result: unknown }) => textOf({ ...(result as object), elapsed: 0 });
  for (const number of new Set([1, calls - 1]))
    if (number >= 1 && number < calls)
      expect(await abortedIn(number)).toEqual({ calls: number, result: enough });
  const last = await abortedIn(calls);
  expect(last.calls).toBe(calls);
  expect(told(last)).toBe(told(whole));
});

test("what reads, and what compiles, is not begun for a signal that is aborted", async () => {
  const signal = AbortSignal.abort(enough);
  await expect(loadMnist({ signal })).rejects.toBe(enough);
  await expect(loadLibsvmDataset("a9a", { signal })).rejects.toBe(enough);
  await expect(readDataFile("a9a.libsvm.txt", { signal })).rejects.toBe(enough);
  await expect(compileSampler(model, { signal })).rejects.toBe(enough);
  const file = new URL("../../graph/fixtures/pytorch/classifier.onnx", import.meta.url);
  const data = {
    inputs: { features: array(new Float32Array(8), [2, 4]) },
    labels: array(BigInt64Array.of(0n, 1n)),
  };
  const bytes = new Uint8Array(await readFile(file));
  await expect(compileTuner(bytes, { data, loss: "cross-entropy", signal })).rejects.toBe(enough);
});
