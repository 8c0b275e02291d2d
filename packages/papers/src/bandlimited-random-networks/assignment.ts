import {
  fitRandomNetwork,
  gaussianRidgelet,
  growRandomNetwork,
  type HiddenUnits,
  randomUnits,
  ridgeletTransform,
  sampleRidgeletSpectrum,
} from "gradus/nn/random-features";
import { median } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, matrix, points, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { barPlot, heatPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { type Problem, problemOf, rms, sine, threeBumps } from "./targets.ts";
import { trainedUnits } from "./trained-network.ts";

const SLOPE = 400;
const SLOPES = [1, 10, 30, 100, 300, 1000];
const CUTOFF = 1e-10;
const CANDIDATES = 50;
const TARGETS = [
  { name: "three bumps", f: threeBumps },
  { name: "sin(8πx)", f: sine(4) },
  { name: "sin(32πx)", f: sine(16) },
] as const;
const METHODS = ["sampled from the spectrum", "best uniform domain", "greedy choice", "trained"] as const;
type Method = (typeof METHODS)[number];

interface Result {
  readonly target: string;
  readonly width: number;
  /** Median test errors over the draws, and those of every uniform domain. */
  readonly errors: Readonly<Record<Method, number>>;
  readonly uniform: readonly number[];
}

interface Findings {
  readonly results: readonly Result[];
}

/** The cells of the pictures: slopes, and centers b / a of the units. */
const COLUMNS = 41;
const CENTERS = 29;
const slopeAt = (i: number) => SLOPE * ((2 * i) / (COLUMNS - 1) - 1);
const centerAt = (j: number) => -0.2 + (1.4 * j) / (CENTERS - 1);
const AXES = {
  rows: Array.from({ length: CENTERS }, (_, j) => centerAt(j).toFixed(2)),
  columns: Array.from({ length: COLUMNS }, (_, i) => String(Math.round(slopeAt(i)))),
};

/** Values as shares of the largest. */
function shares(values: Float64Array): Float64Array {
  const most = values.reduce((one, other) => Math.max(one, Math.abs(other)), 0);
  return values.map((value) => (most > 0 ? Math.abs(value) / most : 0));
}

/** The number of units in each cell. */
function counts({ slopes, biases }: HiddenUnits): Float64Array {
  const cells = new Float64Array(COLUMNS * CENTERS);
  for (const [k, b] of biases.entries()) {
    const a = slopes.values[k];
    const i = Math.round(((a / SLOPE + 1) / 2) * (COLUMNS - 1));
    const j = Math.round(((b / a + 0.2) / 1.4) * (CENTERS - 1));
    if (i >= 0 && i < COLUMNS && j >= 0 && j < CENTERS) cells[j * COLUMNS + i] += 1;
  }
  return cells;
}

/** |R[f]| at the cells. */
function spectrum({ x, y }: Problem): Float64Array {
  const f = { x: x.values, values: y };
  const cells = new Float64Array(COLUMNS * CENTERS);
  for (let i = 0; i < COLUMNS; i++) {
    const a = slopeAt(i);
    const biases = Array.from({ length: CENTERS }, (_, j) => a * centerAt(j));
    const { values } = ridgeletTransform(f, gaussianRidgelet(3), { slopes: [a], biases });
    for (let j = 0; j < CENTERS; j++) cells[j * COLUMNS + i] = values[j];
  }
  return cells;
}

function errorOf({ x, y, test, testValues }: Problem, units: HiddenUnits): number {
  const network = fitRandomNetwork({ x, y, units, relativeCutoff: CUTOFF });
  return rms(network.predict(test), testValues);
}

/** A number of units, starting at an index. */
function unitsFrom({ slopes, biases, activation }: HiddenUnits, from: number, count: number): HiddenUnits {
  const values = slopes.values.subarray(from, from + count);
  return {
    slopes: { rows: count, columns: 1, values },
    biases: biases.subarray(from, from + count),
    activation,
  };
}

async function greedyUnits(
  { x, y }: Problem,
  width: number,
  seed: number,
  signal: AbortSignal,
): Promise<HiddenUnits> {
  const options = { x, y, slope: SLOPE, candidates: CANDIDATES, maxWidth: width, seed, signal };
  for await (const { units, done } of growRandomNetwork(options)) if (done) return units;
  throw new Error("the method ended before its width");
}

const ratioOf = ({ errors }: Result) => errors["sampled from the spectrum"] / errors["best uniform domain"];

export default defineExperiment({
  description:
    "The test error at equal numbers of hidden units: drawn from the target’s ridgelet spectrum, drawn from uniform domains of several half-widths, chosen greedily from 50 candidates each, and trained along with all other parameters.",
  parameters: z.object({
    points: z.int().min(400).max(2000).default(1000).describe("equally spaced training points on [0, 1]"),
    draws: z.int().min(1).max(20).default(5).describe("networks of each kind"),
    wide: z.boolean().default(true).describe("also networks of 200 units"),
    steps: z
      .int()
      .min(50)
      .max(5000)
      .default(5000)
      .describe("steps of Adam before L-BFGS for the trained network"),
  }),
  profiles: { quick: { points: 500, draws: 3, wide: false, steps: 300 }, full: {} },
  seconds: { quick: 9, full: 120 },
  plots: [
    heatPlot("plane", "Spectrum of three bumps, and where the units are", "slope a", "center b/a", {
      series: ["spectrum |R[f]|", "sampled units", "uniform units, λ = 100", "trained units"],
      color: { label: "share of the largest", kind: "sequential" },
    }),
    barPlot("errors", "Test error at 100 units", "target", logAxis("test RMSE (median)"), {
      series: METHODS,
    }),
    linePlot(
      "uniform",
      "Uniform domains, 100 units",
      logAxis("half-width λ"),
      logAxis("test RMSE (median)"),
      {
        series: TARGETS.map(({ name }) => name),
      },
    ),
  ],

  async *measure({ parameters: { points: count, draws, wide, steps }, seed, signal, stage }) {
    const seeds = repeatSeeds(seed, draws, 0);
    const problems = TARGETS.map(({ name, f }) => problemOf(name, f, count));
    const widths = wide ? [100, 200] : [100];
    const bumps = problems[0];
    yield* stage("plane", async function* () {
      const show = (series: string, values: Float64Array) =>
        matrix("plane", series, { ...AXES, values: shares(values) });
      const many = { width: 4000, slope: SLOPE, seed: seeds[0] };
      yield show("spectrum |R[f]|", spectrum(bumps));
      yield show(
        "sampled units",
        counts(sampleRidgeletSpectrum({ x: bumps.x.values, values: bumps.y }, many)),
      );
      yield show("uniform units, λ = 100", counts(randomUnits({ ...many, inputs: 1, slope: 100 })));
      yield progress(0.05, "training a network");
      const trained = await trainedUnits(bumps, { width: 100, steps, seed: seeds[0], signal });
      yield show("trained units", counts(trained));
      return null;
    });
    const results: Result[] = [];
    const total = widths.length * problems.length;
    for (const width of widths)
      for (const problem of problems) {
        const from = results.length / total;
        const result = yield* stage(`${width} ${problem.name}`, async function* () {
          yield progress(0.1 + 0.9 * from, `${problem.name}, ${width} units`);
          const f = { x: problem.x.values, values: problem.y };
          // independent draws of one spectrum, which takes longer to compute than to draw from
          const drawn = sampleRidgeletSpectrum(f, { width: draws * width, slope: SLOPE, seed: seeds[0] });
          const sampled = seeds.map((_, k) => errorOf(problem, unitsFrom(drawn, k * width, width)));
          const greedy: number[] = [];
          for (const own of seeds) {
            signal.throwIfAborted();
            greedy.push(errorOf(problem, await greedyUnits(problem, width, own, signal)));
          }
          const uniform = SLOPES.map((slope) =>
            median(seeds.map((own) => errorOf(problem, randomUnits({ inputs: 1, width, slope, seed: own })))),
          );
          yield progress(0.1 + 0.9 * (from + 0.5 / total), `${problem.name}: training a network`);
          const trained = await trainedUnits(problem, { width, steps, seed: seeds[0], signal });
          const errors = {
            "sampled from the spectrum": median(sampled),
            "best uniform domain": Math.min(...uniform),
            "greedy choice": median(greedy),
            trained: errorOf(problem, trained),
          };
          if (width === 100) {
            yield points(
              "uniform",
              problem.name,
              SLOPES.map((x, i) => ({ x, y: uniform[i] })),
            );
            for (const method of METHODS)
              yield points("errors", method, [{ x: problem.name, y: errors[method] }]);
          }
          return { target: problem.name, width, errors, uniform };
        });
        results.push(result);
      }
    yield progress(1, "done");
    return { results };
  },

  judge({ results }: Findings) {
    const ratio = (target: string) => ratioOf(find(results, { target, width: 100 }));
    return [
      check(
        "C4",
        "three bumps: error of units sampled from the spectrum over the best uniform domain, 100 units",
        ratio("three bumps"),
        { atMost: 0.01 },
        criterion("an assignment that uses the target should pay off: two more digits at the same width"),
      ),
      check(
        "C4",
        "sin(32πx): error of units sampled from the spectrum over the best uniform domain, 100 units",
        ratio("sin(32πx)"),
        { atMost: 0.1 },
        criterion("one digit on a target that fills the interval, where using it helps less"),
      ),
    ];
  },

  present({ results }: Findings) {
    const own = (target: string) => find(results, { target, width: 100 });
    const bumps = own("three bumps");
    const wave = own("sin(32πx)");
    return {
      headline: `With 100 units sampled from the spectrum of three bumps the test error is ${formatRounded(bumps.errors["sampled from the spectrum"])}, against ${formatRounded(bumps.errors["best uniform domain"])} for the best uniform domain.`,
      captions: {
        plane:
          "The spectrum is concentrated at the bumps, for the narrow ones at steep slopes; sampled and trained units go there, uniform ones do not.",
        errors: `On sin(32πx) the error is ${formatRounded(wave.errors["sampled from the spectrum"])} with sampled units and ${formatRounded(wave.errors["best uniform domain"])} with the best uniform domain.`,
        uniform:
          "Each target has its own best domain, and the three bumps need more than any domain offers at this width.",
      },
      summary: [
        "Every output layer, including that of the trained network, is fitted by singular value decomposition with cutoff 1e-10. Training starts from slopes up to 30 and transitions inside the data, and uses Adam and then L-BFGS.",
        "Sampling hidden parameters from a target’s spectrum is known from earlier work of one of the authors; whether this paper uses it was not read.",
      ],
      tables: [
        tableOf(
          "errors",
          "Test error (median over the draws; trained: one network)",
          {
            target: "target",
            width: "units",
            sampled: METHODS[0],
            uniform: METHODS[1],
            greedy: METHODS[2],
            trained: METHODS[3],
          },
          results.map(({ target, width, errors }) => ({
            target,
            width,
            sampled: errors["sampled from the spectrum"],
            uniform: errors["best uniform domain"],
            greedy: errors["greedy choice"],
            trained: errors.trained,
          })),
        ),
      ],
    };
  },
});
