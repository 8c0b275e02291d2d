import {
  type ExactTarget,
  kernelScore,
  networkScore,
  type ScoreRegression,
  trainScoreNetwork,
  twoLayerNetwork,
} from "gradus/diffusion";
import { solve } from "gradus/iterate";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, progress, replaceCurve } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { drawRegression, fourAtoms, mean, meanSquare, testSet } from "./problems.ts";

const STEPS = [1, 3, 10, 30, 100];
const LONG = [1, 2, 3, 5, 7, 10, 14, 20, 28, 40, 57, 80, 113, 160, 200];
const WIDE = 2048;

interface WidthResult {
  readonly width: number;
  /** Mean over the draws of the distance of network and kernel, for each of STEPS. */
  readonly distances: readonly number[];
}

interface Findings {
  readonly widths: readonly WidthResult[];
  readonly draws: number;
  /** The excess of a network of 2,048 units and of its twin, for each of LONG. */
  readonly network: readonly number[];
  readonly kernel: readonly number[];
  /** Root mean square of f* over the test points. */
  readonly size: number;
}

const at = (steps: number) => STEPS.indexOf(steps);

/** The outputs of a network on test points after each number of steps. */
async function networkPath(
  data: ScoreRegression,
  test: ScoreRegression,
  {
    width,
    antisymmetric,
    seed,
    steps,
    signal,
  }: {
    readonly width: number;
    readonly antisymmetric: boolean;
    readonly seed: number;
    readonly steps: readonly number[];
    readonly signal: AbortSignal;
  },
) {
  const network = twoLayerNetwork({ inputs: 4, outputs: 2, width, antisymmetric, seed });
  const outputs: Float64Array[] = [];
  await solve(trainScoreNetwork(network, data, { signal }), {
    maxIterations: Math.max(...steps),
    onIterate({ iteration, weights }) {
      if (!steps.includes(iteration)) return;
      outputs.push(networkScore(network, data, weights).denoised(test.times, test.points).values);
    },
  });
  return { network, outputs };
}

/** The distance of a network and its twin from the same start, for each of STEPS. */
async function distances(
  target: ExactTarget,
  { rows, width, seed, signal }: { rows: number; width: number; seed: number; signal: AbortSignal },
): Promise<number[]> {
  const data = drawRegression(target, rows, 2 * seed);
  const test = drawRegression(target, 1000, 2 * seed + 1);
  const options = { width, antisymmetric: false, seed, steps: STEPS, signal };
  const { network, outputs } = await networkPath(data, test, options);
  const twin = await kernelScore(data, { network, signal });
  const kernel = await twin.denoised(test.times, test.points, STEPS);
  return kernel.map((f, s) => Math.sqrt(meanSquare(f, outputs[s], 1000)));
}

const slopeAt = (widths: readonly WidthResult[], steps: number) =>
  logLogSlope(
    widths.map(({ width }) => width),
    widths.map((one) => one.distances[at(steps)]),
  ).slope;

/** Largest difference of the two excess curves, relative to the kernel's. */
const gapOf = ({ network, kernel }: Findings) =>
  Math.max(...kernel.map((value, s) => Math.abs(network[s] - value) / value));

export default defineExperiment({
  description:
    "Networks trained by gradient descent on four atoms beside kernel gradient descent with the tangent kernel from the same start: their distance on test points by width and step, and the excess of a wide network over 200 steps.",
  parameters: z.object({
    rows: z.int().min(20).max(2000).default(200).describe("training rows of the comparison by width"),
    wide: z.boolean().default(true).describe("also networks of 4,096 to 16,384 units"),
    draws: z.int().min(2).max(50).default(10).describe("data sets and networks per width"),
  }),
  profiles: { quick: { wide: false, draws: 6 }, full: {} },
  seconds: { quick: 9, full: 60 },
  plots: [
    linePlot(
      "distance",
      "Distance of network and kernel by width",
      logAxis("hidden units m"),
      logAxis("root mean square distance"),
      { series: STEPS.map((steps) => `${steps} step${steps === 1 ? "" : "s"}`), references: ["slope −1/2"] },
    ),
    linePlot(
      "excess",
      `Excess error on 400 rows, ${WIDE} units`,
      logAxis("step k"),
      logAxis("mean |f − f*|²"),
      { series: ["network", "kernel"], variants: { kernel: "network" } },
    ),
  ],

  async *measure({ parameters: { rows, wide, draws }, seed, signal, stage }) {
    const target = fourAtoms();
    const seeds = repeatSeeds(seed, draws);
    const narrow = [64, 128, 256, 512, 1024, 2048];
    const all = wide ? [...narrow, 4096, 8192, 16_384] : narrow;
    const widths: WidthResult[] = [];
    const total = all.reduce((sum, width) => sum + width + 500, 0) * 1.5;
    let done = 0;
    for (const width of all) {
      const own = yield* stage(`${width}`, async function* () {
        const found: number[][] = [];
        for (const [i, one] of seeds.entries()) {
          yield progress((done + ((width + 500) * i) / draws) / total, `${width} units, draw ${i + 1}`);
          found.push(await distances(target, { rows, width, seed: one, signal }));
        }
        return STEPS.map((_, s) => mean(found.map((each) => each[s])));
      });
      done += width + 500;
      widths.push({ width, distances: own });
      for (const [s, steps] of STEPS.entries())
        yield replaceCurve("distance", `${steps} step${steps === 1 ? "" : "s"}`, widths, (one) => ({
          x: one.width,
          y: one.distances[s],
        }));
      const first = widths[0].distances[at(30)];
      yield replaceCurve("distance", "slope −1/2", widths, (one) => ({
        x: one.width,
        y: first * Math.sqrt(widths[0].width / one.width),
      }));
    }
    const long = yield* stage("long", async function* () {
      yield progress(done / total, `${WIDE} units, 200 steps`);
      const data = drawRegression(target, 400, 2 * seeds[0]);
      const test = testSet(target, 2000, 2 * seeds[0] + 1);
      const twin = await kernelScore(data, { signal });
      const kernel = (await twin.denoised(test.draws.times, test.draws.points, LONG)).map(test.excess);
      yield curve("excess", "kernel", LONG, (steps, s) => ({ x: steps, y: kernel[s] }));
      const options = { width: WIDE, antisymmetric: true, seed: seeds[0], steps: LONG, signal };
      const { outputs } = await networkPath(data, test.draws, options);
      const network = outputs.map(test.excess);
      yield curve("excess", "network", LONG, (steps, s) => ({ x: steps, y: network[s] }));
      const size = Math.sqrt(meanSquare(test.truth, new Float64Array(test.truth.length), 2000));
      return { kernel, network, size };
    });
    yield progress(1, "done");
    return { widths, draws, ...long };
  },

  judge(findings: Findings) {
    const { widths, size } = findings;
    const half = criterion(
      "the empirical kernel is a mean over m units, so its fluctuation has slope −1/2; 0.15 is left for the smallest widths and the draws",
    );
    return [
      ...[10, 30].map((steps) =>
        check(
          "C2",
          `step ${steps}: slope of the log distance of network and kernel over the log width`,
          slopeAt(widths, steps),
          { between: [-0.65, -0.35] },
          half,
        ),
      ),
      check(
        "C2",
        `step 30, ${WIDE} units: distance over the size of f*`,
        find(widths, { width: WIDE }).distances[at(30)] / size,
        { atMost: 0.05 },
        criterion("a twentieth of what is learned: the kernel then stands for the network"),
      ),
      ourCheck(
        `${WIDE} units, 400 rows: largest relative difference of the excess curves, steps 1 to 200`,
        gapOf(findings),
        { atMost: 0.15 },
        criterion(
          "smaller than the excess’s spread over data sets, so that the kernel’s curve is the network’s",
        ),
      ),
    ];
  },

  present(findings: Findings) {
    const { widths, draws, network, kernel } = findings;
    const [first, last] = [widths[0], widths[widths.length - 1]];
    return {
      headline: `After 30 steps network and kernel are ${formatRounded(first.distances[at(30)])} apart with ${formatRounded(first.width)} units and ${formatRounded(last.distances[at(30)])} with ${formatRounded(last.width)}: the distance falls like m to the power ${formatRounded(slopeAt(widths, 30))}.`,
      captions: {
        distance: `Root mean square over 1,000 test points, means over ${draws} draws; the dashed line has slope −1/2.`,
        excess: `After 200 steps the network’s excess is ${formatRounded(network[network.length - 1])}, the kernel’s ${formatRounded(kernel[kernel.length - 1])}; the curves differ by at most ${formatRounded(100 * gapOf(findings))}%.`,
      },
      summary: [
        "Network and kernel start from the same random function and use the same data and learning rate, 1/λmax of the kernel. The network is float32, the kernel float64.",
        "The distance is along the whole path, not only at its end.",
      ],
      tables: [
        tableOf(
          "distances",
          "Distance of network and kernel",
          {
            width: "hidden units",
            ...Object.fromEntries(STEPS.map((steps) => [`k${steps}`, `step ${steps}`])),
          },
          widths.map((one) => ({
            width: one.width,
            ...Object.fromEntries(STEPS.map((steps, s) => [`k${steps}`, one.distances[s]])),
          })),
        ),
        tableOf(
          "slopes",
          "Slope over the width",
          { steps: "step", slope: "slope of log distance over log width" },
          STEPS.map((steps) => ({ steps, slope: slopeAt(widths, steps) })),
        ),
      ],
    };
  },
});
