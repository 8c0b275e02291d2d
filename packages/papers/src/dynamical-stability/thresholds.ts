import { sharpness, stabilityThreshold } from "gradus/curvature";
import type { DenseMatrix } from "gradus/linalg";
import { randomStream } from "gradus/random";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import {
  curve,
  defineExperiment,
  type ExperimentEvent,
  type ExperimentRun,
  point,
  points,
  progress,
} from "../experiment.ts";
import { theorem } from "../ground.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { rangeOf } from "./descend.ts";
import { transferRadius } from "./transfer-matrix.ts";

const shapes = [
  { rows: 20, columns: 6 },
  { rows: 6, columns: 20 },
] as const;

/** Gaussian rows whose columns are scaled by exp(N(0, 0.25)). */
function randomJacobian({ rows, columns }: (typeof shapes)[number], seed: number, k: number): DenseMatrix {
  const stream = randomStream(seed).split(`${rows} x ${columns}`).split(k);
  const scales = Float64Array.from({ length: columns }, () => Math.exp(0.5 * stream.normal()));
  const values = stream.fillNormal(new Float64Array(rows * columns));
  for (let j = 0; j < values.length; j++) values[j] *= scales[j % columns];
  return { rows, columns, values };
}

/** One matrix at all batch sizes. */
interface Measured {
  readonly thresholds: readonly number[];
  readonly gdRate: number;
  readonly traceBounds: readonly number[];
  readonly fourthMomentBound: number;
  /** Spectral radii of the recursion at 0.999 and 1.01 eta*. */
  readonly below: readonly number[];
  readonly above: readonly number[];
  /** Tr G, and the same from the eigenvalues of the smaller side. */
  readonly trace: number;
}

async function measure(J: DenseMatrix): Promise<Measured> {
  const sizes = Array.from({ length: J.rows }, (_, k) => k + 1);
  const found = await Promise.all(
    sizes.map((batchSize) => stabilityThreshold(J, { batchSize, tolerance: 1e-8 })),
  );
  return {
    thresholds: found.map(({ learningRate }) => learningRate),
    gdRate: found[0].fullBatchLearningRate,
    traceBounds: found.map(({ traceBound }) => traceBound),
    fourthMomentBound: found[0].fourthMomentBound,
    below: sizes.map((B, k) => transferRadius(J, B, 0.999 * found[k].learningRate)),
    above: sizes.map((B, k) => transferRadius(J, B, 1.01 * found[k].learningRate)),
    trace: sharpness(J).trace,
  };
}

const exact = "η*(B), exact";
const gd = "2/λ₁, gradient descent";
const trace = "2/(p Tr G)";
const moment = "2 E‖g‖² / E‖g‖⁴";

/** The thresholds of one matrix against the batch size. */
function* thresholdsOf({ thresholds, gdRate, traceBounds }: Measured): Generator<ExperimentEvent> {
  const against = (values: readonly number[]) => values.map((y, k) => ({ x: k + 1, y }));
  yield points("explorer", exact, against(thresholds));
  yield points("explorer", gd, against(thresholds.map(() => gdRate)));
  // drawn as far as it bounds more than 2/λ₁ does, and one batch size beyond
  const useful = traceBounds.findIndex((bound) => bound > gdRate);
  yield points("explorer", trace, against(traceBounds.slice(0, useful + 1)));
}

export default defineExperiment({
  description:
    "Draws random Jacobians, computes the largest learning rate that is stable in mean square for every batch size, and tests it against the explicit matrix of the recursion and against the paper’s bounds.",
  parameters: z.object({
    matrices: z.int().min(1).max(1000).default(100).describe("Jacobians of each of the two shapes"),
  }),
  profiles: { quick: { matrices: 20 }, full: {} },
  seconds: { quick: 1, full: 5 },
  plots: [
    linePlot(
      "explorer",
      "The threshold of one minimum (20 samples, 6 parameters) against the batch size",
      "batch size B",
      logAxis("learning rate η"),
      { series: [exact], references: [gd, trace] },
    ),
    dotPlot(
      "bounds",
      "The threshold for a batch of one, over its bound 2/Tr G",
      "matrix",
      "share of 2/Tr G",
      { series: ["η*(1), exact", moment], references: ["the bound"] },
    ),
  ],

  async *measure({ parameters: { matrices }, seed, signal, stage }) {
    const measured: Measured[] = [];
    const total = shapes.length * matrices;
    yield curve("bounds", "the bound", [1, total], (x) => ({ x, y: 1 }));
    for (const shape of shapes) {
      const name = `${shape.rows} samples, ${shape.columns} parameters`;
      const before = measured.length;
      const all = yield* stage(name, async function* (): ExperimentRun<Measured[]> {
        const found: Measured[] = [];
        for (let k = 0; k < matrices; k++) {
          signal.throwIfAborted();
          if (k % 5 === 0) yield progress((before + k) / total, `${name}, matrix ${k + 1}`);
          const one = await measure(randomJacobian(shape, seed, k));
          if (before + k === 0) yield* thresholdsOf(one);
          yield point("bounds", "η*(1), exact", before + k + 1, (one.thresholds[0] * one.trace) / 2);
          yield point("bounds", moment, before + k + 1, (one.fourthMomentBound * one.trace) / 2);
          found.push(one);
        }
        return found;
      });
      measured.push(...all);
    }
    const largest = (of: (one: Measured) => readonly number[]) => rangeOf(measured.flatMap(of))[1];
    const [{ thresholds, gdRate, traceBounds, below, above }] = measured;
    return {
      matrices: total,
      cases: measured.flatMap((one) => one.thresholds).length,
      /** η*(1) over 2/Tr G. */
      shares: rangeOf(measured.map((one) => (one.thresholds[0] * one.trace) / 2)),
      mostBelow: largest((one) => one.below),
      leastAbove: rangeOf(measured.flatMap((one) => one.above))[0],
      overMoment: largest((one) => [one.thresholds[0] / one.fourthMomentBound]),
      gdError: largest((one) => [Math.abs(one.thresholds[one.thresholds.length - 1] / one.gdRate - 1)]),
      mostFall: largest((one) => one.thresholds.slice(1).map((rate, k) => one.thresholds[k] / rate)),
      overBoth: largest((one) =>
        one.thresholds.map((rate, k) => rate / Math.min(one.gdRate, one.traceBounds[k])),
      ),
      drawn: {
        gdRate,
        rows: thresholds.map((rate, k) => ({
          B: k + 1,
          rate,
          trace: Number.isFinite(traceBounds[k]) ? traceBounds[k] : null,
          below: below[k],
          above: above[k],
        })),
      },
    };
  },

  judge({ shares, mostBelow, leastAbove, overMoment, gdError, mostFall, overBoth }) {
    const rounding = { atMost: 1 + 1e-9 };
    const exactly = theorem("η* is where the spectral radius of the recursion of second moments passes 1");
    const sharper = theorem("the sharper bounds of the remarks, from the same recursion");
    return [
      check(
        "C1",
        "B = 1: η* over 2/Tr G, largest of all matrices",
        shares[1],
        rounding,
        theorem("abstract: the trace is at most 2/η at a minimum that is linearly stable for SGD"),
      ),
      check(
        "C1",
        "B = n: relative distance of η* from 2/λ₁, largest of all matrices",
        gdError,
        { atMost: 1e-9 },
        theorem("abstract: for gradient descent stability bounds the largest eigenvalue"),
      ),
      ourCheck("spectral radius at 0.999 η*, largest of all batch sizes", mostBelow, rounding, exactly),
      ourCheck("spectral radius at 1.01 η*, smallest of all batch sizes", leastAbove, { above: 1 }, exactly),
      ourCheck("B = 1: η* over 2 E‖g‖²/E‖g‖⁴, largest of all matrices", overMoment, rounding, sharper),
      ourCheck("η*(B) over η*(B + 1), largest of all batch sizes", mostFall, rounding, sharper),
      ourCheck("η*(B) over min(2/λ₁, 2/(p Tr G)), largest of all batch sizes", overBoth, rounding, sharper),
    ];
  },

  present({ matrices, cases, shares, mostBelow, leastAbove, drawn: { gdRate, rows } }) {
    const [least, most] = shares.map(formatRounded);
    return {
      headline: `Over ${matrices} random Jacobians the exact threshold for single samples is ${least} to ${most} of the bound 2/Tr G.`,
      captions: {
        explorer: `From η*(1) = ${formatRounded(rows[0].rate)} for single samples the threshold rises with the batch to gradient descent’s ${formatRounded(gdRate)}; 2/(p Tr G) and 2/λ₁ bound it from above.`,
        bounds: `The exact threshold is ${least} to ${most} of the paper’s bound 2/Tr G in ${matrices} matrices.`,
      },
      summary: [
        `At 0.999 η* the second moments shrink (largest spectral radius ${formatRounded(mostBelow)}), at 1.01 η* they grow (smallest ${leastAbove.toPrecision(6)}), over all ${cases} matrices and batch sizes.`,
        "Tr G ≤ 2/η is necessary for stability, not sufficient.",
      ],
      tables: [
        tableOf(
          "thresholds",
          "The thresholds of the matrix that is drawn",
          {
            ...{ B: "B", rate: "η*", trace: trace, below: "spectral radius at 0.999 η*" },
            ...{ above: "at 1.01 η*" },
          },
          rows,
        ),
      ],
    };
  },
});
