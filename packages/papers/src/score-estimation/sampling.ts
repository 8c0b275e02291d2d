import { GradusError } from "gradus/check";
import {
  diffuse,
  type ExactTarget,
  kernelScore,
  type PointFunction,
  reverseDiffusion,
  type ScoreRegression,
} from "gradus/diffusion";
import type { DenseMatrix } from "gradus/linalg";
import { randomStream } from "gradus/random";
import { slicedWassersteinDistance } from "gradus/statistics";
import { z } from "zod";
import { formatRounded, ourCheck } from "../check.ts";
import {
  curve,
  defineExperiment,
  type ExperimentRun,
  progress,
  replaceCurve,
  replacePoints,
} from "../experiment.ts";
import { criterion } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { circle, drawRegression, LAST, testSet } from "./problems.ts";

const DIRECTIONS = 100;
/** Particles of the picture. */
const SHOWN = 300;
/**
 * Points at which the picture shows the score, and the length of its arrows for a score of 1 and the
 * score from which on they are cut off.
 */
const ARROWS = 7;
const LENGTH = 0.12;
const LONGEST = 4;
const SIZES = [100, 400, 1600];
const ESTIMATES = ["stopped by SURE", "noise weights, stopped by SURE", "not stopped"] as const;
type EstimateName = (typeof ESTIMATES)[number];
/** The one of the picture comes first. */
const ORDER: readonly EstimateName[] = [ESTIMATES[1], ESTIMATES[0], ESTIMATES[2]];

interface Row {
  readonly estimate: string;
  readonly rows: number;
  readonly distance: number;
  readonly excess: number;
  readonly steps: number;
}

interface Findings {
  readonly rows: readonly Row[];
  /** Sliced distances to exact samples: of other exact samples, of samples by the exact score, and of N(0, I). */
  readonly floor: number;
  readonly exact: number;
  readonly normal: number;
  readonly steps: number;
  readonly particles: number;
}

const distanceOf = (x: DenseMatrix, y: DenseMatrix) =>
  slicedWassersteinDistance(x, y, { directions: DIRECTIONS, seed: 1 });

/** The arrows of a score on a grid: tail and head of each, one after the other. */
async function arrows(score: PointFunction, time: number) {
  const at = (i: number) => -1.8 + (3.6 * i) / (ARROWS - 1);
  const grid = Array.from({ length: ARROWS * ARROWS }, (_, k) => [
    at(k % ARROWS),
    at(Math.floor(k / ARROWS)),
  ]);
  const points = { rows: grid.length, columns: 2, values: Float64Array.from(grid.flat()) };
  const { values } = await score(time, points);
  return grid.flatMap(([x, y], k) => {
    const [u, v] = [values[2 * k], values[2 * k + 1]];
    const length = LENGTH * Math.min(1, LONGEST / Math.hypot(u, v));
    return [
      { x, y },
      { x: x + length * u, y: y + length * v },
    ];
  });
}

const cloudOf = ({ values }: DenseMatrix) =>
  Array.from({ length: SHOWN }, (_, i) => ({ x: values[2 * i], y: values[2 * i + 1] }));

const circlePoints = Array.from({ length: 60 }, (_, k) => ({
  x: Math.cos((Math.PI * k) / 30),
  y: Math.sin((Math.PI * k) / 30),
}));

export default defineExperiment({
  description:
    "Samples of a circle by the reverse-time equation with estimated scores, particles by Euler-Maruyama from the exact law at the last time: their sliced Wasserstein distance to exact samples at the first, by number of rows.",
  parameters: z.object({
    particles: z.int().min(SHOWN).max(20_000).default(1500).describe("particles, and exact samples"),
    steps: z.int().min(20).max(5000).default(1000).describe("steps back in time"),
    others: z.boolean().default(true).describe("also noise weights and no stopping with 1,600 rows"),
  }),
  profiles: { quick: { particles: 500, steps: 100, others: false }, full: {} },
  seconds: { quick: 14, full: 400 },
  plots: [
    dotPlot("cloud", "Particles back in time, with the score of 400 rows", "x₁", "x₂", {
      series: ["particles", "score", "data"],
      arrows: ["score"],
    }),
    linePlot(
      "distance",
      "Distance to exact samples",
      logAxis("rows n"),
      logAxis("sliced Wasserstein distance"),
      {
        series: [...ESTIMATES, "exact score", "two exact samples", "standard normal"],
        references: ["exact score", "two exact samples", "standard normal"],
      },
    ),
  ],

  async *measure({ parameters: { particles, steps, others }, seed, signal, stage }) {
    const target = circle();
    const { process } = target;
    const seeds = repeatSeeds(seed, 8, 0);
    const { startTime, endTime } = process;
    const exactSample = (time: number, own: number) => {
      const stream = randomStream(own);
      return diffuse(process, target.sample(particles, stream), time, stream).points;
    };
    const start = exactSample(endTime, seeds[0]);
    const reference = exactSample(startTime, seeds[1]);
    const test = testSet(target, 2000, seeds[2]);
    const total = others ? 20 : 8;
    let done = 0;

    /** The distance of the particles that a score brings back, shown on the way if `shown`. */
    async function* runBack(
      score: PointFunction,
      name: string,
      work: number,
      shown = false,
    ): ExperimentRun<number> {
      const run = reverseDiffusion(process, score, { start, steps, seed: seeds[3], signal });
      for await (const { iteration, time, points, done: ended } of run) {
        const last = iteration === steps;
        if (last || iteration % Math.ceil(steps / 50) === 0) {
          yield progress((done + (work * iteration) / steps) / total, `${name}, time ${time.toFixed(2)}`);
          if (shown) {
            yield replacePoints("cloud", "particles", cloudOf(points));
            yield replacePoints("cloud", "score", await arrows(score, time));
          }
        }
        if (ended) return distanceOf(points, reference);
      }
      throw new GradusError("the run ended before its last time");
    }

    const rows: Row[] = [];
    for (const n of [400, 100, 1600]) {
      const names = n === 1600 && !others ? [ESTIMATES[0]] : ORDER;
      for (const estimate of names) {
        const work = n / 400;
        rows.push(
          yield* stage(`${n} ${estimate}`, async function* () {
            yield progress(done / total, `${n} rows, ${estimate}`);
            const shown = n === 400 && estimate === ORDER[0];
            if (shown) {
              yield replacePoints("cloud", "data", circlePoints);
              yield replacePoints("cloud", "particles", cloudOf(start));
            }
            const weighting = estimate === ESTIMATES[1] ? "noise" : "clean";
            const data = drawRegression(target, n, seeds[4], { weighting });
            const kernel = await kernelScore(data, { signal });
            const noise = weighting === "noise" ? weightedNoise(target, data) : test.noise;
            const stop = estimate === ESTIMATES[2] ? LAST : await kernel.stop({ rule: "sure", noise });
            const [f] = await kernel.denoised(test.draws.times, test.draws.points, [stop]);
            const distance = yield* runBack(
              kernel.estimate(stop).score,
              `${n} rows, ${estimate}`,
              work,
              shown,
            );
            return { estimate, rows: n, distance, excess: test.excess(f), steps: stop };
          }),
        );
        done += work;
        yield replaceCurve(
          "distance",
          estimate,
          rows.filter((row) => row.estimate === estimate).toSorted((a, b) => a.rows - b.rows),
          (row) => ({ x: row.rows, y: row.distance }),
        );
      }
    }
    const rest = yield* stage("references", async function* () {
      const exact = yield* runBack(target.score, "exact score", 0);
      const floor = distanceOf(exactSample(startTime, seeds[5]), reference);
      const normal = randomStream(seeds[6]).fillNormal(new Float64Array(2 * particles));
      return { exact, floor, normal: distanceOf({ rows: particles, columns: 2, values: normal }, reference) };
    });
    for (const [name, value] of [
      ["exact score", rest.exact],
      ["two exact samples", rest.floor],
      ["standard normal", rest.normal],
    ] as const)
      yield curve("distance", name, SIZES, (x) => ({ x, y: value }));
    yield progress(1, "done");
    return { rows, steps, particles, ...rest };
  },

  judge({ rows, exact, floor }: Findings) {
    const at = (n: number) => find(rows, { estimate: ESTIMATES[0], rows: n }).distance;
    return [
      ourCheck(
        "exact score: distance over that of two exact samples",
        exact / floor,
        { atMost: 2 },
        criterion("a sample’s own error, and as much again for the steps and the spread of a distance"),
      ),
      ourCheck(
        "distance with 1,600 rows over that with 100, stopped by SURE",
        at(1600) / at(100),
        { atMost: 0.6 },
        criterion("16 times the rows should take off a large part of the error, two fifths at least"),
      ),
      ourCheck(
        "distance with 400 rows over that with 100, stopped by SURE",
        at(400) / at(100),
        { below: 1 },
        criterion("more rows bring samples closer at each size"),
      ),
    ];
  },

  present({ rows, exact, floor, normal, steps, particles }: Findings) {
    const at = (n: number, estimate: EstimateName = ESTIMATES[0]) => find(rows, { estimate, rows: n });
    return {
      headline: `With scores from 100, 400 and 1,600 rows the sliced distance of samples to the circle’s law is ${formatRounded(at(100).distance)}, ${formatRounded(at(400).distance)} and ${formatRounded(at(1600).distance)}; with the exact score it is ${formatRounded(exact)}.`,
      captions: {
        cloud:
          "Particles from noise at time 3 to time 0.05; arrows are the score that 400 rows give with noise weights, cut off where it is long.",
        distance: `Two exact samples are ${formatRounded(floor)} apart, and standard normal points ${formatRounded(normal)} from the circle: a model worse than that is worse than none.`,
      },
      summary: [
        `The guarantee is for the excess, not for samples: without stopping, 400 rows have ${formatRounded(at(400, ESTIMATES[2]).excess / at(400).excess)} times the excess, yet samples at ${formatRounded(at(400, ESTIMATES[2]).distance)} instead of ${formatRounded(at(400).distance)}, because the weight h²/α² counts small times little.`,
        `With the weight of noise prediction, h, 400 rows give ${formatRounded(at(400, ESTIMATES[1]).distance)}.`,
        `${formatRounded(particles)} particles, ${formatRounded(steps)} steps of Euler-Maruyama, ${DIRECTIONS} directions; one run each.`,
      ],
      tables: [
        tableOf(
          "distances",
          "Distance of samples and excess of the score",
          {
            estimate: "estimate",
            rows: "rows",
            steps: "training steps",
            distance: "sliced distance",
            excess: "excess",
          },
          rows.toSorted((a, b) => a.rows - b.rows),
        ),
      ],
    };
  },
});

/** The noise of a weighted label: the root of the mean of weight times conditional variance. */
function weightedNoise(target: ExactTarget, { times, points, weights }: ScoreRegression): number {
  const { values } = target.posteriorVariance(times, points);
  return Math.sqrt(values.reduce((sum, one, k) => sum + weights[k >> 1] * one, 0) / values.length);
}
