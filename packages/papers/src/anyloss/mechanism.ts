import {
  add,
  compile,
  div,
  f64,
  mul,
  sigmoid,
  type Tensor,
  toNumbers,
  valueAndGradient,
} from "@gradus/graph";
import {
  type MetricChoice,
  metricByName,
  metricLoss,
  metricNames,
  type SoftConfusionMatrix,
  softConfusionMatrix,
  softDecision,
} from "gradus/losses";
import { randomStream } from "gradus/random";
import { confusionMatrix } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { linePlot } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";

const curves = [10, 30, 73, 200] as const;
interface Candidate {
  readonly name: string;
  readonly metric: MetricChoice;
  readonly score: (matrix: SoftConfusionMatrix<number>) => number;
}

/** The named metrics, and one that a user might define: the mean of precision and specificity. */
const candidates: readonly Candidate[] = [
  ...metricNames.map((name) => ({ name, metric: name, score: metricByName(name).score })),
  {
    name: "user-supplied: (precision + specificity)/2",
    metric: ({ tp, fp, tn }) => mul(add(div(tp, add(tp, fp)), div(tn, add(tn, fp))), 0.5),
    score: ({ tp, fp, tn }) => (tp / (tp + fp) + tn / (tn + fp)) / 2,
  },
];

/** The largest error of the amplifier against its bound: |A(p) - 1[p > 1/2]| / exp(-L |p - 1/2|). */
function boundRatio(p: Float64Array, slope: number): number {
  return p.reduce((largest, value) => {
    const { positive, negative } = softDecision(value, { slope });
    const error = value > 0.5 ? negative : positive;
    return Math.max(largest, error / Math.exp(-slope * Math.abs(value - 0.5)));
  }, 0);
}

/** The largest difference between soft and hard counts over n rows with |p - 1/2| >= 0.2. */
function countError(p: Float64Array, y: Int32Array): number {
  const far = p.map((value) => (value < 0.5 ? 0.6 * value : 1 - 0.6 * (1 - value)));
  const soft = softConfusionMatrix(far, y);
  const hard = confusionMatrix(
    y,
    Array.from(far, (value) => (value > 0.5 ? 1 : 0)),
  );
  return Math.max(...(["tp", "fp", "fn", "tn"] as const).map((key) => Math.abs(soft[key] - hard[key])));
}

/** For each candidate, the largest error of autodiff's d loss/dz against central differences, over the largest slope. */
async function gradientErrors(scores: Float64Array, y: Float64Array): Promise<number[]> {
  const losses = candidates.map(({ metric }) => metricLoss(metric));
  using program = await compile(
    (inputs) =>
      losses.map(
        (loss) =>
          valueAndGradient((values: Tensor) => loss(sigmoid(values), inputs.y))(inputs.scores).gradient,
      ),
    { scores: f64("n"), y: f64("n") },
  );
  const gradients = (await program.run({ scores, y })).map(toNumbers);
  const h = 1e-6;
  const lossAt = (values: Float64Array, score: Candidate["score"]) =>
    1 -
    score(
      softConfusionMatrix(
        values.map((value) => 1 / (1 + Math.exp(-value))),
        y,
      ),
    );
  return candidates.map(({ score }, k) => {
    const largest = Math.max(...gradients[k].map(Math.abs));
    const errors = gradients[k].map((slope, i) => {
      const moved = (by: number) =>
        lossAt(
          scores.map((value, j) => (j === i ? value + by : value)),
          score,
        );
      return Math.abs(slope - (moved(h) - moved(-h)) / (2 * h));
    });
    return Math.max(...errors) / largest;
  });
}

const worstGradient = (errors: readonly { readonly metric: string; readonly error: number }[]) =>
  errors.reduce((a, b) => (b.error > a.error ? b : a));

export default defineExperiment({
  description:
    "Measures how close amplified probabilities come to hard decisions, and compares the gradients of metric losses by automatic differentiation with central differences.",
  parameters: z.object({
    samples: z.int().min(100).max(1_000_000).default(10_000).describe("random probabilities"),
    rows: z.int().min(10).max(500).default(50).describe("rows whose gradients are compared"),
  }),
  profiles: { quick: {}, full: { samples: 200_000 } },
  seconds: { quick: 1, full: 2 },
  plots: [
    linePlot("amplifier", "The amplifier A(p)", "probability p", "A(p)", {
      series: ["L = 73", "L = 10", "L = 30", "L = 200"],
    }),
    linePlot("slope", "The slope A'(p) of the amplifier", "probability p", "A'(p)", {
      series: ["L = 73", "L = 10", "L = 30", "L = 200"],
    }),
  ],

  async *measure({ parameters: { samples, rows }, seed }) {
    const grid = Array.from({ length: 401 }, (_, i) => i / 400);
    for (const slope of curves) {
      const series = `L = ${slope}`;
      const values = grid.map((p) => softDecision(p, { slope }));
      yield curve("amplifier", series, grid, (p, i) => ({ x: p, y: values[i].positive }));
      yield curve("slope", series, grid, (p, i) => ({
        x: p,
        y: slope * values[i].positive * values[i].negative,
      }));
    }
    const stream = randomStream(seed);
    const p = stream.split("probabilities").fillUniform(new Float64Array(samples));
    const labels = stream.split("labels");
    const y = Int32Array.from(p, () => labels.integer(2));
    const ratios = [10, 30, 73].map((slope) => boundRatio(p, slope));
    const error = countError(p, y);
    yield progress(0.3, "differentiating the metric losses");
    const scores = stream
      .split("scores")
      .fillNormal(new Float64Array(rows))
      .map((value) => 0.3 * value);
    // Every third row is positive, so that both classes are present.
    const errors = await gradientErrors(
      scores,
      Float64Array.from(scores, (_, i) => (i % 3 === 0 ? 1 : 0)),
    );
    return {
      samples,
      /** Largest |A(p) − 1[p > ½]| over exp(−L|p − ½|). */
      boundRatio: Math.max(...ratios),
      countErrorPerRow: error / samples,
      gradientErrors: candidates.map(({ name }, k) => ({ metric: name, error: errors[k] })),
    };
  },

  judge: (found) => [
    check(
      "C1",
      `largest relative error of the gradients of ${candidates.length} metric losses`,
      worstGradient(found.gradientErrors).error,
      { atMost: 1e-5 },
      criterion("central differences with a step of 1e-6 are no more accurate than this"),
    ),
    ourCheck(
      "|A(p) − 1[p > ½]| over exp(−L|p − ½|), minus 1; L = 10, 30, 73",
      found.boundRatio - 1,
      { atMost: 1e-12 },
      theorem("follows from A(p) = σ(L(p − ½)), up to rounding"),
    ),
    ourCheck(
      "difference of soft and hard counts per row, |p − ½| ≥ 0.2, L = 73",
      found.countErrorPerRow,
      { atMost: Math.exp(-73 * 0.2) },
      theorem("at most exp(−73 · 0.2) a row, by the bound on A"),
    ),
  ],

  present({ samples, boundRatio: ratio, gradientErrors: errors }) {
    const worst = worstGradient(errors);
    const { positive, negative } = softDecision(0.8);
    return {
      headline: `The gradients of ${errors.length} metric losses, one of them user-supplied, agree with central differences to ${formatRounded(worst.error)}.`,
      captions: {
        amplifier:
          "The larger L is, the closer A is to the hard decision; at L = 73 it differs by at most exp(−73|p − ½|).",
        slope: `At L = 73 the slope is 18.25 at p = ½ and ${formatRounded(73 * positive * negative)} at p = 0.8: rows about which the model is confident contribute almost no gradient.`,
      },
      summary: [
        `The gradients of ${errors.length} metric losses agree with central differences to ${formatRounded(worst.error)} of their largest entry (worst: ${worst.metric}). One of the losses is a user-supplied function of the four counts.`,
        `Amplified probabilities differ from hard decisions by at most ${formatRounded(ratio)} times exp(−L|p − ½|), for ${formatRounded(samples)} random p and L = 10, 30, 73.`,
      ],
      tables: [
        tableOf(
          "gradients",
          "Automatic differentiation against central differences",
          { metric: "metric", error: "largest error over largest slope" },
          errors,
        ),
      ],
    };
  },
});
