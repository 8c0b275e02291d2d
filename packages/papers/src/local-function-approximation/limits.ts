import {
  attributionDistance,
  distanceMatrix,
  type ExplainableModel,
  explain,
  explainerNames,
  gradientTimesInput,
  scalingNeighborhood,
  smoothGrad,
  vanillaGradients,
} from "gradus/explain";
import { type DenseMatrix, denseMatrix } from "gradus/linalg";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, matrix, points, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { heatPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { additive, attributionsOf, labels, multiplicative, rounded } from "./explaining.ts";
import {
  type Architecture,
  explainable,
  isRegression,
  type SetName,
  splitSet,
  trainedNetworks,
} from "./models.ts";

/** Small relative to the scale on which trained networks curve, so that the exponent is that of the limit. */
const sigmas = [0.02, 0.01, 0.005] as const;
const widths = [0.25, 0.125, 0.0625, 0.03] as const;
const reluSigmas = [0.3, 0.2, 0.1, 0.05, 0.01] as const;
const reluLows = [0, 0.5, 0.65, 0.8, 0.95] as const;
const budgets = [100, 400, 1600, 6400] as const;
const STEIN_SIGMA = 0.3;
const DRAWS = 4;

type Curve = { readonly x: readonly number[]; readonly y: readonly number[] };
type Limits = {
  readonly set: SetName;
  readonly architecture: Architecture;
  /** L1(SmoothGrad, Vanilla Gradients) over sigma. */
  readonly smooth: Curve;
  /** L1(Integrated Gradients over U(a, 1), Gradient x Input) over 1 - a. */
  readonly integrated: Curve;
  /** Mean cosine distances: the smallest between the families, and the largest within the multiplicative one. */
  readonly across: number;
  readonly within: number;
};

const slopeOf = ({ x, y }: Curve) => logLogSlope(x, y).slope;
const seriesOf = ({ set, architecture }: Pick<Limits, "set" | "architecture">) => `${set}, ${architecture}`;

/** How far apart the families are, by the mean cosine distances of the eight, row-major. */
function split(cosine: readonly number[]): Pick<Limits, "across" | "within"> {
  const n = explainerNames.length;
  const at = (a: (typeof explainerNames)[number], b: (typeof explainerNames)[number]) =>
    cosine[explainerNames.indexOf(a) * n + explainerNames.indexOf(b)];
  const across = Math.min(...multiplicative.flatMap((a) => additive.map((b) => at(a, b))));
  const within = Math.max(...multiplicative.flatMap((a) => multiplicative.map((b) => at(a, b))));
  return { across: rounded(across), within: rounded(within) };
}

/** The distance at the last step toward a limit, as a share of the largest. */
const leftover = ({ y }: Curve) => y[y.length - 1] / Math.max(...y);

async function curvesOf(
  model: ExplainableModel,
  x: DenseMatrix,
  {
    sigmas: noise,
    lows,
    seed,
  }: { readonly sigmas: readonly number[]; readonly lows: readonly number[]; readonly seed: number },
): Promise<Pick<Limits, "smooth" | "integrated">> {
  const plain = (await vanillaGradients(model, x)).attributions;
  const product = (await gradientTimesInput(model, x)).attributions;
  const [smooth, integrated]: [number[], number[]] = [[], []];
  for (const sigma of noise) {
    const { attributions } = await smoothGrad(model, x, { sigma, samples: 1000, seed });
    smooth.push(rounded(attributionDistance(attributions, plain, "l1").mean));
  }
  for (const low of lows) {
    const neighborhood = scalingNeighborhood({ low, sampling: "midpoint" });
    const { attributions } = await explain(model, x, {
      neighborhood,
      loss: "gradientMatching",
      samples: 200,
    });
    integrated.push(rounded(attributionDistance(attributions, product, "l1").mean));
  }
  return { smooth: { x: noise, y: smooth }, integrated: { x: lows.map((low) => 1 - low), y: integrated } };
}

export default defineExperiment({
  description:
    "Distances and their exponents: SmoothGrad as its noise vanishes, Integrated Gradients as its path shrinks to its end point, and C-LIME against SmoothGrad as the number of draws grows. Then cosine distances between all eight methods on each network: two families.",
  parameters: z.object({
    points: z.int().min(5).max(100).default(100).describe("rows explained in each set"),
  }),
  profiles: { quick: { points: 30 }, full: {} },
  seconds: { quick: 8, full: 20 },
  plots: [
    linePlot(
      "smooth",
      "SmoothGrad approaches Vanilla Gradients",
      logAxis("noise σ"),
      logAxis("mean L1 distance"),
    ),
    linePlot(
      "integrated",
      "Integrated Gradients approaches Gradient × Input",
      logAxis("length of the path 1 − a"),
      logAxis("mean L1 distance"),
    ),
    linePlot(
      "stein",
      "C-LIME approaches SmoothGrad",
      logAxis("perturbations N"),
      logAxis("mean L1 distance"),
      {
        series: ["C-LIME"],
      },
    ),
    heatPlot("families", "Cosine distances of the eight", "explainer", "explainer", {
      color: { label: "mean cosine distance", kind: "sequential" },
    }),
  ],

  async *measure({ parameters: { points: count }, seed, signal, stage }) {
    const names = ["synthetic", "diabetes", "breast-cancer"] as const;
    const sets = new Map<SetName, Awaited<ReturnType<typeof splitSet>>>();
    for (const set of names) sets.set(set, await splitSet(set, count, seed));
    const wanted = names.flatMap((set) =>
      (["A", "C"] as const).map((architecture) => [set, architecture] as const),
    );
    yield progress(0, "training");
    const networks = yield* trainedNetworks(wanted, sets, { seed, signal, stage });
    const models: Limits[] = [];
    for (const [i, network] of networks.entries()) {
      const { set, architecture } = network;
      const x = sets.get(set)?.explained ?? denseMatrix([], 0, 0);
      yield progress(0.3 + (0.5 * i) / networks.length, seriesOf(network));
      models.push(
        yield* stage(`limits ${set} ${architecture}`, async function* () {
          using model = await explainable(network);
          const smoothSides = isRegression(set)
            ? { sigmas, lows: widths.map((width) => 1 - width) }
            : { sigmas: reluSigmas, lows: reluLows };
          const curves = await curvesOf(model, x, { ...smoothSides, seed });
          for (const plot of ["smooth", "integrated"] as const)
            yield points(
              plot,
              seriesOf(network),
              curves[plot].x.map((at, k) => ({ x: at, y: curves[plot].y[k] })),
            );
          const all: DenseMatrix[] = [];
          for (const name of explainerNames) all.push(await attributionsOf(name, model, x, { seed }));
          const cosine = Array.from(distanceMatrix(all, "cosine").values);
          yield matrix("families", seriesOf(network), { rows: labels, columns: labels, values: cosine });
          return { set, architecture, ...curves, ...split(cosine) };
        }),
      );
    }
    yield progress(0.8, "C-LIME");
    const stein = yield* stage("stein", async function* () {
      using model = await explainable(networks[0]);
      const x = sets.get("synthetic")?.explained ?? denseMatrix([], 0, 0);
      const smooth = (await smoothGrad(model, x, { sigma: STEIN_SIGMA, samples: 20_000, seed: seed + 1 }))
        .attributions;
      const y: number[] = [];
      for (const samples of budgets) {
        let sum = 0;
        for (const draw of repeatSeeds(seed, DRAWS)) {
          const own = await attributionsOf("cLime", model, x, { sigma: STEIN_SIGMA, samples, seed: draw });
          sum += attributionDistance(own, smooth, "l1").mean / DRAWS;
        }
        y.push(sum);
      }
      yield points(
        "stein",
        "C-LIME",
        budgets.map((samples, k) => ({ x: samples, y: y[k] })),
      );
      const found: Curve = { x: budgets, y };
      return found;
    });
    return { models, stein };
  },

  judge({ models, stein }) {
    const tanh = models.filter(({ set }) => isRegression(set));
    const relu = models.filter(({ set }) => !isRegression(set));
    const smooth = tanh.map((model) => slopeOf(model.smooth));
    const integrated = tanh.map((model) => slopeOf(model.integrated));
    const taylor = theorem(
      "Taylor’s formula: σ²/2 times the gradient of the Laplacian; 0.4 below and 0.2 above allow for the next term, σ⁴",
    );
    const path = theorem(
      "Taylor’s formula: the mean over U(a, 1) is O(1 − a) from the end; the next term, (1 − a)², bends the slope by about a tenth",
    );
    return [
      check(
        "C2",
        "tanh networks: smallest exponent of σ in |SmoothGrad − Vanilla Gradients|",
        Math.min(...smooth),
        { atLeast: 1.6 },
        taylor,
      ),
      check(
        "C2",
        "tanh networks: largest exponent of σ in |SmoothGrad − Vanilla Gradients|",
        Math.max(...smooth),
        { atMost: 2.2 },
        taylor,
      ),
      check(
        "C2",
        "tanh networks: smallest exponent of 1 − a in |Integrated Gradients − Gradient × Input|",
        Math.min(...integrated),
        { atLeast: 0.85 },
        path,
      ),
      check(
        "C2",
        "tanh networks: largest exponent of 1 − a in |Integrated Gradients − Gradient × Input|",
        Math.max(...integrated),
        { atMost: 1.1 },
        path,
      ),
      check(
        "C2",
        "ReLU networks: distance after the last step toward a limit, as a share of the largest",
        Math.max(...relu.flatMap((model) => [leftover(model.smooth), leftover(model.integrated)])),
        { atMost: 0.5 },
        criterion(
          "gradients of ReLU networks jump, so no exponent follows, and where a sigmoid saturates the distance grows at first; at σ = 0.01 and a = 0.95 less than half must remain",
        ),
      ),
      check(
        "C2",
        "exponent of N in |C-LIME − SmoothGrad|",
        slopeOf(stein),
        { between: [-0.65, -0.4] },
        theorem("Stein’s identity: both have the same mean; the central limit theorem gives −1/2"),
      ),
      check(
        "C6",
        "tanh networks: smallest ratio of the distance between the families to that within the multiplicative one",
        Math.min(...tanh.map(({ across, within }) => across / within)),
        { atLeast: 3 },
        criterion(
          "two families are distinct at a glance if they are three times farther apart than their members",
        ),
      ),
    ];
  },

  present({ models, stein }) {
    const tanh = models.filter(({ set }) => isRegression(set));
    const range = (values: readonly number[]) =>
      `${formatRounded(Math.min(...values))} to ${formatRounded(Math.max(...values))}`;
    const smooth = range(tanh.map((model) => slopeOf(model.smooth)));
    const integrated = range(tanh.map((model) => slopeOf(model.integrated)));
    const across = Math.min(...tanh.map((model) => model.across));
    const within = Math.max(...tanh.map((model) => model.within));
    return {
      headline: `On the tanh networks the distance from SmoothGrad to Vanilla Gradients falls like σ to the power of ${smooth}, and that from Integrated Gradients to Gradient × Input like the path’s length to the power of ${integrated}.`,
      captions: {
        smooth: "Straight lines of slope 2 are the second term of Taylor’s formula. ReLU networks have none.",
        integrated:
          "Slope 1: the mean over a short final stretch of the path differs from its end point by a first-order term.",
        stein: `Exponent ${formatRounded(slopeOf(stein))}: with normal noise, a regression on values and the mean of gradients estimate the same slopes.`,
        families: `The first five multiply the input by masks or factors, the last three add noise. On the tanh networks cosine distances between the families are at least ${formatRounded(across)}, within the multiplicative one at most ${formatRounded(within)}.`,
      },
      summary: [
        "Multiplicative methods attribute shares of the score, additive ones slopes: at features of value 0 the former are 0 whatever the slope.",
      ],
      tables: [
        tableOf(
          "models",
          "Networks",
          {
            model: "network",
            smooth: "exponent of σ",
            integrated: "exponent of 1 − a",
            across: "between families",
            within: "within multiplicative",
          },
          models.map((model) => ({
            model: seriesOf(model),
            smooth: slopeOf(model.smooth),
            integrated: slopeOf(model.integrated),
            across: model.across,
            within: model.within,
          })),
        ),
      ],
    };
  },
});
