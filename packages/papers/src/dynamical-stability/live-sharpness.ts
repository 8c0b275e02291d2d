import { type Sharpness, sharpness, stabilityThreshold } from "gradus/curvature";
import { stochasticGradientDescent } from "gradus/optimize";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, type ExperimentRun, type Point, point, points, progress } from "../experiment.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { stable } from "./descend.ts";
import { reluProblem, reluSizes } from "./problems.ts";

const sizes = reluSizes.small;
const LARGE = 1;
const SMALL = 0.1;
/** Steps from one measurement of SGD to the next; gradient descent is measured at every step. */
const SGD_STRIDE = 20;
/** Later measurements are thinned to a geometric spacing of this factor; the step after each is drawn as well. */
const SPREAD = 1.03;

/** A run, and which size of G its edge of stability bounds. */
interface Plan {
  readonly method: "SGD" | "GD";
  readonly from: string;
  readonly scale: number;
  readonly rate: number;
  readonly steps: number;
}

const boundSize = ({ method, rate }: Plan, { trace, lambdaMax }: Sharpness): number =>
  (rate * (method === "SGD" ? trace : lambdaMax)) / 2;

interface Watched {
  readonly first: number;
  readonly peak: number;
  readonly last: number;
  readonly margin: number;
  readonly steps: number;
  readonly loss: number;
}

interface WatchedRun extends Watched, Pick<Plan, "method" | "from" | "rate"> {}
const bounded = { SGD: "Tr G", GD: "λ₁" } as const;

const nameOf = ({ from, rate }: Plan): string => `${from}, η = ${rate}`;
const panels = { SGD: "sgd", GD: "gd" } as const;
const edge = "2/η";
/** On a logarithmic axis a run begins at 1. */
const axis = { label: "step, counted from 1", scale: "log" } as const;

export default defineExperiment({
  description:
    "Trains a two-layer ReLU network by SGD with single samples and by gradient descent, from a large start above the line and from a small one below it, and draws the trace and the largest eigenvalue over 2/η as it trains.",
  parameters: z.object({
    sgdRate: z
      .number()
      .positive()
      .max(0.2)
      .default(0.016)
      .describe("learning rate of SGD from the large start"),
    sgdSmallRate: z.number().positive().max(0.2).default(0.06).describe("the same from the small start"),
    gdRate: z
      .number()
      .positive()
      .max(1)
      .default(0.1)
      .describe("learning rate of gradient descent from the large start"),
    gdSmallRate: z.number().positive().max(2).default(0.6).describe("the same from the small start"),
    sgdSteps: z.int().min(300).max(1_000_000).default(60_000).describe("most steps of SGD"),
    gdSteps: z.int().min(30).max(20_000).default(600).describe("most steps of gradient descent"),
  }),
  profiles: { quick: {}, full: {} },
  seconds: { quick: 1, full: 1 },
  plots: [
    linePlot("sgd", "SGD with single samples: the trace against its line", axis, logAxis("Tr G over 2/η"), {
      references: [edge],
    }),
    linePlot(
      "gd",
      "Gradient descent: the largest eigenvalue against its line",
      axis,
      logAxis("λ₁(G) over 2/η"),
      { references: [edge] },
    ),
    linePlot(
      "gd-trace",
      "Gradient descent: the trace, which nothing holds down",
      axis,
      logAxis("Tr G over 2/η"),
      { references: [edge] },
    ),
    linePlot("loss", "Training loss", axis, logAxis("loss")),
  ],

  async *measure({ parameters, seed, signal, stage }) {
    const { sgdRate, sgdSmallRate, gdRate, gdSmallRate, sgdSteps, gdSteps } = parameters;
    const plans: readonly Plan[] = [
      { method: "SGD", from: "large start", scale: LARGE, rate: sgdRate, steps: sgdSteps },
      { method: "SGD", from: "small start", scale: SMALL, rate: sgdSmallRate, steps: sgdSteps },
      { method: "GD", from: "large start", scale: LARGE, rate: gdRate, steps: gdSteps },
      { method: "GD", from: "small start", scale: SMALL, rate: gdSmallRate, steps: gdSteps },
    ];

    async function* watch(plan: Plan, at: number): ExperimentRun<Watched> {
      const { method, rate, scale, steps } = plan;
      const { regression, start } = reluProblem(sizes, seed, scale);
      const batchSize = method === "SGD" ? 1 : sizes.n;
      const stepsPerIterate = method === "SGD" ? SGD_STRIDE : 1;
      const options = {
        start,
        learningRate: rate,
        batchSize,
        clip: 10,
        tolerance: 1e-8,
        seed,
        stepsPerIterate,
        signal,
      };
      let [first, peak, anchor] = [Number.NaN, 0, 0];
      const panel = panels[method];
      for await (const { step, loss, theta, iteration, done } of stochasticGradientDescent(
        regression,
        options,
      )) {
        const x = step + 1;
        const over = done || step >= steps;
        // above its line gradient descent jumps between the sides of the valley: both are drawn
        if (!over && x < SPREAD * anchor && x !== anchor + 1) continue;
        if (x >= SPREAD * anchor) anchor = x;
        const gram = regression.gram(theta);
        const sizesOfG = sharpness({ gram });
        const share = boundSize(plan, sizesOfG);
        if (iteration === 0) first = share;
        peak = Math.max(peak, share);
        yield point(panel, nameOf(plan), x, share);
        if (method === "GD") yield point("gd-trace", nameOf(plan), x, (rate * sizesOfG.trace) / 2);
        yield point("loss", `${method}, ${nameOf(plan)}`, x, loss);
        yield progress((at + step / steps) / plans.length, `${method}, ${nameOf(plan)}, step ${step}`);
        if (!over) continue;
        const { learningRate: threshold } = await stabilityThreshold({ gram }, { batchSize, signal });
        return { first, peak, last: share, margin: threshold / rate, steps: step, loss };
      }
      throw new Error("training yields at least where it starts");
    }

    const runs: WatchedRun[] = [];
    for (const [k, plan] of plans.entries()) {
      const found = yield* stage(`${plan.method}, ${plan.from}`, () => watch(plan, k));
      const { method, from, rate } = plan;
      runs.push({ method, from, rate, ...found });
      const longest = Math.max(...runs.filter((run) => run.method === method).map(({ steps }) => steps));
      const line: Point[] = [1, longest + 1].map((x) => ({ x, y: 1 }));
      if (plan.from === "small start") {
        yield points(panels[plan.method], edge, line);
        if (plan.method === "GD") yield points("gd-trace", edge, line);
      }
    }
    return { runs };
  },

  judge: ({ runs }) =>
    runs.map(({ method, from, last }) =>
      check(
        "C1",
        `${method} from a ${from}: η ${bounded[method]}/2 at the end`,
        last,
        stable.condition,
        stable.ground,
      ),
    ),

  present({ runs }) {
    const [sgdLarge, sgdSmall, gdLarge, gdSmall] = runs;
    const way = ({ first, last }: Watched) => `from ${formatRounded(first)} to ${formatRounded(last)}`;
    return {
      headline: `SGD’s trace goes ${way(sgdLarge)} times 2/η from a large start, gradient descent’s largest eigenvalue ${way(gdLarge)} times.`,
      captions: {
        sgd: `η Tr G/2 goes ${way(sgdLarge)} from the large start and ${way(sgdSmall)} from the small one, with a peak of ${formatRounded(sgdSmall.peak)}.`,
        gd: `η λ₁/2 goes ${way(gdLarge)} from the large start; from the small one it goes ${way(gdSmall)}, with a peak of ${formatRounded(gdSmall.peak)}: above the line the loss grows and pushes it back.`,
        "gd-trace":
          "The same runs of gradient descent by their trace: it may stay far above the line that SGD could not cross.",
        loss: "Training ends where the loss is 1e-8. While a run is above its line, its loss does not settle.",
      },
      summary: [
        "A minimum above its line repels the method: SGD leaves it by the trace, gradient descent by the largest eigenvalue alone.",
        "From above, sharpness falls until it is below the line; from below, training may raise it to the line and no further.",
      ],
      tables: [
        tableOf(
          "runs",
          "Where each run began and ended, over 2/η",
          {
            ...{ method: "method", from: "start", rate: "η", size: "size of G" },
            ...{ first: "at the start", peak: "largest", last: "at the end" },
            ...{ margin: "η*/η at the end", steps: "steps", loss: "training loss" },
          },
          runs.map((run) => ({ ...run, size: bounded[run.method] })),
        ),
      ],
    };
  },
});
