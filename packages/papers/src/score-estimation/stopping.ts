import {
  type ExactTarget,
  kernelScore,
  mixtureTarget,
  networkScore,
  trainScoreNetwork,
  twoLayerNetwork,
} from "gradus/diffusion";
import { stepGrid, twoLayerKernel } from "gradus/kernels";
import { cholesky, choleskySolve } from "gradus/linalg";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, point, progress, replaceCurve } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { barPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { drawRegression, fourAtoms, LAST, mean, type TestSet, testSet } from "./problems.ts";

const GRID = stepGrid(LAST, 1.15);
const RULES = ["oracle", "SURE", "SURE, estimated noise", "local complexity", "no stopping"] as const;
type Rule = (typeof RULES)[number];
/** The number of rows of the pictures, the network and the other estimates. */
const SHOWN = 400;
const WIDE = 2048;

/** Steps and excess by rule, one entry per draw. */
interface SizeResult {
  readonly rows: number;
  readonly steps: Readonly<Record<Rule, readonly number[]>>;
  readonly excess: Readonly<Record<Rule, readonly number[]>>;
}

interface Findings {
  readonly sizes: readonly SizeResult[];
  readonly draws: number;
  readonly noise: number;
  readonly others: readonly { readonly estimate: string; readonly excess: number }[];
  readonly network: {
    readonly steps: number;
    readonly best: number;
    readonly bestStep: number;
    readonly last: number;
  };
}

/** The mean excess of a rule. */
const excessOf = (sizes: readonly SizeResult[], rows: number, rule: Rule) =>
  mean(find(sizes, { rows }).excess[rule]);

const slopeOf = (sizes: readonly SizeResult[], rule: Rule) =>
  logLogSlope(
    sizes.map(({ rows }) => rows),
    sizes.map(({ excess }) => mean(excess[rule])),
  ).slope;

/** The largest quotient of a rule's mean excess and another's, over sizes from a number of rows on. */
const worst = (sizes: readonly SizeResult[], least: number, rule: Rule, other: Rule) =>
  Math.max(
    ...sizes
      .filter(({ rows }) => rows >= least)
      .map(({ excess }) => mean(excess[rule]) / mean(excess[other])),
  );

/** The excess by rule on one draw of n rows, with the curve. */
async function stopped(target: ExactTarget, test: TestSet, rows: number, seed: number, signal: AbortSignal) {
  const kernel = await kernelScore(drawRegression(target, rows, seed), { signal });
  const { noise, draws } = test;
  const chosen = {
    SURE: await kernel.stop({ rule: "sure", noise }),
    "SURE, estimated noise": await kernel.stop({ rule: "sure", noise: "estimate" }),
    "local complexity": await kernel.stop({ rule: "local-complexity", noise }),
    "no stopping": LAST,
  };
  const asked = Object.values(chosen);
  const all = (await kernel.denoised(draws.times, draws.points, [...GRID, ...asked])).map(test.excess);
  const path = all.slice(0, GRID.length);
  const least = path.indexOf(Math.min(...path));
  const steps: Record<Rule, number> = { oracle: GRID[least], ...chosen };
  const excess: Record<Rule, number> = {
    oracle: path[least],
    SURE: all[GRID.length],
    "SURE, estimated noise": all[GRID.length + 1],
    "local complexity": all[GRID.length + 2],
    "no stopping": all[GRID.length + 3],
  };
  return { path, steps, excess };
}

/** Estimates that do not stop early, each at the setting that is best on the test points. */
async function otherEstimates(target: ExactTarget, test: TestSet, seed: number, signal: AbortSignal) {
  const data = drawRegression(target, SHOWN, seed);
  const { inputs, clean } = data;
  const K = await twoLayerKernel(inputs, undefined, { signal });
  const cross = await twoLayerKernel(test.draws.inputs, inputs, { signal });
  const n = inputs.rows;
  const m = test.draws.inputs.rows;
  const weighted = (weights: Float64Array) => {
    const f = new Float64Array(2 * m);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++)
        for (let c = 0; c < 2; c++) f[2 * i + c] += weights[i * n + j] * clean.values[2 * j + c];
    return f;
  };
  const ridges = Array.from({ length: 9 }, (_, k) => {
    const shifted = { ...K, values: K.values.slice() };
    for (let i = 0; i < n; i++) shifted.values[i * (n + 1)] += 10 ** (k / 2 - 2);
    const factor = cholesky(shifted);
    const dual = [0, 1].map((c) =>
      choleskySolve(
        factor,
        clean.values.filter((_, k2) => k2 % 2 === c),
      ),
    );
    const f = new Float64Array(2 * m);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++)
        for (let c = 0; c < 2; c++) f[2 * i + c] += cross.values[i * n + j] * dual[c][j];
    return test.excess(f);
  });
  const distance = new Float64Array(n);
  const order = new Int32Array(n);
  const counts = [1, 3, 5, 10, 20, 40];
  const neighbors = counts.map(() => new Float64Array(m * n));
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      order[j] = j;
      distance[j] = 0;
      for (let c = 0; c < 3; c++)
        distance[j] += (test.draws.inputs.values[4 * i + c] - inputs.values[4 * j + c]) ** 2;
    }
    order.sort((a, b) => distance[a] - distance[b]);
    for (const [s, count] of counts.entries())
      for (let r = 0; r < count; r++) neighbors[s][i * n + order[r]] = 1 / count;
  }
  const data0 = mixtureTarget(target.process, { centers: clean });
  const memorized = data0.posteriorMean(test.draws.times, test.draws.points).values;
  return [
    { estimate: "kernel ridge, best ridge", excess: Math.min(...ridges) },
    {
      estimate: "nearest neighbors, best count",
      excess: Math.min(...neighbors.map((w) => test.excess(weighted(w)))),
    },
    { estimate: "score of the training points", excess: test.excess(memorized) },
  ];
}

export default defineExperiment({
  description:
    "The excess error of kernel gradient descent on four atoms after 1 to a million steps, by number of rows, with stops chosen by the localized complexity and by Stein’s unbiased risk estimate; a network of 2,048 units, and estimates of other kinds.",
  parameters: z.object({
    draws: z.int().min(2).max(50).default(20).describe("data sets per number of rows"),
    large: z.boolean().default(true).describe("also 1,600 and 3,200 rows"),
    steps: z.int().min(200).max(20_000).default(2000).describe("steps of the network"),
  }),
  profiles: { quick: { draws: 5, large: false, steps: 600 }, full: {} },
  seconds: { quick: 12, full: 400 },
  plots: [
    linePlot(
      "path",
      `Error against the stopping time, ${SHOWN} rows`,
      logAxis("step k"),
      logAxis("mean |f − f*|²"),
      {
        series: ["kernel", `network, ${WIDE} units`, "SURE", "local complexity", "best"],
        stems: ["SURE", "local complexity", "best"],
        variants: { [`network, ${WIDE} units`]: "kernel" },
      },
    ),
    linePlot(
      "rows",
      "Error by number of rows",
      logAxis("rows n"),
      logAxis("mean |f − f*|² (mean of draws)"),
      {
        series: ["SURE", "local complexity", "no stopping", "oracle"],
        references: ["oracle"],
      },
    ),
    barPlot("others", `Other estimates, ${SHOWN} rows`, "estimate", "mean |f − f*|²", { series: ["excess"] }),
  ],

  async *measure({ parameters: { draws, large, steps: networkSteps }, seed, signal, stage, resumable }) {
    const target = fourAtoms();
    const seeds = repeatSeeds(seed, draws);
    const test = testSet(target, 2000, 2 * seeds[0] + 1);
    const all = large ? [50, 100, 200, 400, 800, 1600, 3200] : [50, 100, 200, 400, 800];
    yield* stage("path", async function* () {
      yield progress(0, "the path on 400 rows");
      const { path, steps, excess } = await stopped(target, test, SHOWN, 2 * seeds[0], signal);
      yield curve("path", "kernel", GRID, (k, i) => ({ x: k, y: path[i] }));
      yield point("path", "SURE", steps.SURE, excess.SURE);
      if (steps["local complexity"] > 0)
        yield point("path", "local complexity", steps["local complexity"], excess["local complexity"]);
      yield point("path", "best", steps.oracle, excess.oracle);
      return null;
    });
    const network = yield* stage("network", async function* () {
      const data = drawRegression(target, SHOWN, 2 * seeds[0]);
      const start = twoLayerNetwork({ inputs: 4, outputs: 2, width: WIDE, seed: seeds[0] });
      const asked = GRID.filter((k) => k <= networkSteps);
      const none: number[] = [];
      const { kept: path } = yield* resumable("training", {
        method: (resume) => trainScoreNetwork(start, data, { resume, signal }),
        until: ({ iteration }) => iteration >= networkSteps,
        kept: none,
        async *each({ iteration, weights }, path) {
          if (!asked.includes(iteration)) return;
          const { denoised } = networkScore(start, data, weights);
          path.push(test.excess(denoised(test.draws.times, test.draws.points).values));
          yield point("path", `network, ${WIDE} units`, iteration, path[path.length - 1]);
          yield progress((0.3 * iteration) / networkSteps, `step ${iteration} of the network`);
        },
      });
      const best = path.indexOf(Math.min(...path));
      return { steps: networkSteps, best: path[best], bestStep: asked[best], last: path[path.length - 1] };
    });
    const sizes: SizeResult[] = [];
    const work = all.reduce((sum, rows) => sum + rows ** 2, 0);
    let done = 0;
    for (const rows of all) {
      const own = yield* stage(`${rows}`, async function* () {
        const found: Pick<Awaited<ReturnType<typeof stopped>>, "steps" | "excess">[] = [];
        for (const [i, one] of seeds.entries())
          found.push(
            yield* stage(`${rows}, draw ${i}`, async function* () {
              yield progress(
                0.3 + (0.6 * (done + (rows ** 2 * i) / draws)) / work,
                `${rows} rows, draw ${i + 1}`,
              );
              const { steps, excess } = await stopped(target, test, rows, 2 * one, signal);
              return { steps, excess };
            }),
          );
        const by = (of: (one: (typeof found)[number]) => Record<Rule, number>): Record<Rule, number[]> => ({
          oracle: found.map((one) => of(one).oracle),
          SURE: found.map((one) => of(one).SURE),
          "SURE, estimated noise": found.map((one) => of(one)["SURE, estimated noise"]),
          "local complexity": found.map((one) => of(one)["local complexity"]),
          "no stopping": found.map((one) => of(one)["no stopping"]),
        });
        return { steps: by(({ steps }) => steps), excess: by(({ excess }) => excess) };
      });
      done += rows ** 2;
      sizes.push({ rows, ...own });
      for (const rule of ["SURE", "local complexity", "no stopping", "oracle"] as const)
        yield replaceCurve("rows", rule, sizes, ({ rows: x, excess }) => ({ x, y: mean(excess[rule]) }));
    }
    const others = yield* stage("others", async function* () {
      yield progress(0.92, "other estimates");
      return otherEstimates(target, test, 2 * seeds[0], signal);
    });
    const kernel = find(sizes, { rows: SHOWN }).excess;
    yield curve(
      "others",
      "excess",
      [{ estimate: "kernel, stopped by SURE", excess: kernel.SURE[0] }, ...others],
      ({ estimate, excess }) => ({ x: estimate, y: excess }),
    );
    yield progress(1, "done");
    return { sizes, draws, noise: test.noise, others, network };
  },

  judge({ sizes, network }: Findings) {
    return [
      check(
        "C4",
        "least excess over the excess after a million steps, largest for 200 rows or more",
        worst(sizes, 200, "oracle", "no stopping"),
        { atMost: 0.5 },
        criterion("training on overfits if it at least doubles the error that stopping could have"),
      ),
      check(
        "C4",
        "excess stopped by local complexity over that after a million steps, largest for 200 rows or more",
        worst(sizes, 200, "local complexity", "no stopping"),
        { atMost: 0.75 },
        criterion("the rule must gain a quarter at least; it is safe for every function and so stops early"),
      ),
      check(
        "C4",
        "local complexity: slope of the log excess over log rows",
        slopeOf(sizes, "local complexity"),
        { atMost: -0.2 },
        criterion("an error that falls as a power of the rows: 10 times the rows take a third off at least"),
      ),
      check(
        "C4",
        "no stopping: slope of the log excess over log rows",
        slopeOf(sizes, "no stopping"),
        { above: -0.2 },
        criterion("the contrast to the rule’s own condition: without stopping the error hardly falls"),
      ),
      ourCheck(
        "excess stopped by SURE over the least on the path, largest for 100 rows or more",
        worst(sizes, 100, "SURE", "oracle"),
        { atMost: 1.3 },
        criterion("within a third of the best step, which no rule can know"),
      ),
      ourCheck(
        "SURE: slope of the log excess over log rows",
        slopeOf(sizes, "SURE"),
        { between: [-0.8, -0.4] },
        criterion(
          "steeper than the rule’s, and no steeper than a kernel’s rate for smooth functions, near −2/3",
        ),
      ),
      ourCheck(
        `network of ${WIDE} units: least excess over that after its last step`,
        network.best / network.last,
        { below: 1 },
        criterion("the network overfits like its kernel, as far as it is trained"),
      ),
    ];
  },

  present({ sizes, draws, noise, others, network }: Findings) {
    const sure = excessOf(sizes, SHOWN, "SURE");
    const last = excessOf(sizes, SHOWN, "no stopping");
    const largest = sizes[sizes.length - 1].rows;
    return {
      headline: `On ${SHOWN} rows the excess is ${formatRounded(sure)} when stopped by SURE, ${formatRounded(excessOf(sizes, SHOWN, "local complexity"))} by local complexity, and ${formatRounded(last)} without stopping; from 50 to ${formatRounded(largest)} rows it falls with slope ${formatRounded(slopeOf(sizes, "SURE"))} and ${formatRounded(slopeOf(sizes, "local complexity"))}, and without stopping with ${formatRounded(slopeOf(sizes, "no stopping"))}.`,
      captions: {
        path: `The error falls, then rises as the noise of the labels is learned. The network’s least error is at step ${formatRounded(network.bestStep)}; its last of ${formatRounded(network.steps)} steps has ${formatRounded(network.last / network.best)} times as much.`,
        rows: `Means over ${draws} data sets. The dashed line stops where the test error is least, which no rule can see.`,
        others: `The score of the training points is nearly exact here, ${formatRounded(find(others, { estimate: "score of the training points" }).excess)}, because the data are four points; elsewhere it only reproduces them.`,
      },
      summary: [
        `The noise of a label’s coordinate is ${formatRounded(noise)} (root of the mean conditional variance); it depends on the time, while both rules assume one level.`,
        "All numbers of steps come from one eigendecomposition per data set.",
        "Ridge and neighbors are given their best settings on the test points.",
      ],
      tables: [
        tableOf(
          "sizes",
          "Steps and excess by rule, means over the draws",
          {
            rows: "rows",
            ...Object.fromEntries(
              RULES.flatMap((rule, r) => [
                ...(rule === "no stopping" ? [] : [[`steps${r}`, `steps, ${rule}`]]),
                [`excess${r}`, `excess, ${rule}`],
              ]),
            ),
          },
          sizes.map(({ rows, steps, excess }) => ({
            rows,
            ...Object.fromEntries(
              RULES.flatMap((rule, r) => [
                [`steps${r}`, mean(steps[rule])],
                [`excess${r}`, mean(excess[rule])],
              ]),
            ),
          })),
        ),
        tableOf(
          "others",
          `Other estimates, ${SHOWN} rows`,
          { estimate: "estimate", excess: "excess" },
          others,
        ),
      ],
    };
  },
});
