import { constants, reshape } from "@gradus/graph";
import { loadDataset } from "gradus/data";
import {
  attributionDistance,
  distanceMatrix,
  type ExplainableModel,
  type ExplainerName,
  type ExplainerOptions,
  explainBy,
  explainerNames,
  integratedGradients,
  tracedModel,
} from "gradus/explain";
import { type DenseMatrix, denseMatrix } from "gradus/linalg";
import { mlp } from "gradus/nn";
import { randomStream } from "gradus/random";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, keepForExploration, matrix, point, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { heatPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { attributionsOf, labelOf, labels, meanSize, rounded } from "./explaining.ts";
import { chooseRow, keptNetwork } from "./explore-rows.ts";
import {
  type Architecture,
  classificationSets,
  explainable,
  isRegression,
  regressionSets,
  type SetName,
  splitSet,
  trainedNetworks,
} from "./models.ts";

/** Explainers whose formula is exact or close to it: their diagonal entry is compared with all others. */
const compared = [
  "occlusion",
  "integratedGradients",
  "gradientTimesInput",
  "vanillaGradients",
  "smoothGrad",
] as const;
const sampled = ["lime", "kernelShap"] as const;
const sizes = [500, 2000, 8000] as const;
const DRAWS = 4;
/** The set whose network a reader explores. */
const EXPLORED = "breast-cancer";
/** Vanilla Gradients and Gradient x Input are limits of their neighborhoods, which are taken close to them. */
const limits: Partial<Record<ExplainerName, ExplainerOptions>> = {
  vanillaGradients: { sigma: 0.001 },
  gradientTimesInput: { low: 0.995 },
};

type ModelFindings = {
  readonly set: SetName;
  readonly architecture: Architecture;
  readonly testError: number;
  /** Formula by approximation, mean L1 distances, row-major. */
  readonly l1: readonly number[];
  /** Mean L1 norm of each formula's attributions. */
  readonly scales: readonly number[];
};

type Convergence = {
  readonly explainer: (typeof sampled)[number];
  readonly samples: number;
  readonly distance: number;
};

const largestDistance = (a: DenseMatrix, b: DenseMatrix) =>
  Math.max(...attributionDistance(a, b, "l1").distances);

/** A 4-3-1 tanh network with random weights, on which all masks are enumerated. */
async function smallNetwork(seed: number) {
  const network = mlp({ inputs: 4, hidden: [3], outputs: 1, activation: "tanh" });
  const stream = randomStream(seed).split("small");
  const parameters = network.parameters({ stream, dtype: "f64" });
  const x = denseMatrix(stream.fillNormal(new Float64Array(40)), 10, 4);
  const model = await tracedModel(
    (rows) => reshape(network.apply(constants(parameters), rows), [rows.shape[0]]),
    {
      features: 4,
    },
  );
  return { model, x };
}

async function exactDistances(model: ExplainableModel, x: DenseMatrix) {
  const both = async (name: "kernelShap" | "lime" | "occlusion") => {
    const fitted = await explainBy(name, model, x, { by: "approximation" });
    const direct = await explainBy(name, model, x, { by: "formula" });
    return largestDistance(fitted.attributions, direct.attributions);
  };
  const coarse = await integratedGradients(model, x, { nodes: 64 });
  const fine = await integratedGradients(model, x, { nodes: 128 });
  return {
    kernelShap: await both("kernelShap"),
    lime: await both("lime"),
    occlusion: await both("occlusion"),
    integratedGradients: largestDistance(coarse.attributions, fine.attributions),
  };
}

/** How many of the compared diagonal entries are not the unique minimum of their row and column. */
function misplaced({ l1 }: ModelFindings): number {
  const n = explainerNames.length;
  return compared.filter((name) => {
    const k = explainerNames.indexOf(name);
    const own = l1[k * n + k];
    return explainerNames.some(
      (_, other) => other !== k && (l1[k * n + other] <= own || l1[other * n + k] <= own),
    );
  }).length;
}

/** The largest diagonal entry of the compared explainers, as a share of their attributions' size. */
const diagonalShare = ({ l1, scales }: ModelFindings) =>
  Math.max(
    ...compared.map((name) => {
      const k = explainerNames.indexOf(name);
      return l1[k * explainerNames.length + k] / scales[k];
    }),
  );

const slopeOf = (convergence: readonly Convergence[], explainer: string) => {
  const own = convergence.filter((one) => one.explainer === explainer);
  return logLogSlope(
    own.map(({ samples }) => samples),
    own.map(({ distance }) => distance),
  ).slope;
};

const seriesOf = (set: SetName, architecture: Architecture) => `${set}, network ${architecture}`;

export default defineExperiment({
  description:
    "Each of the eight explainers by its usual formula and as the minimizer of its neighborhood and loss, with independent random numbers: distances of all pairs. Where all masks are enumerated, both must be equal; where they are sampled, the distance must fall like N^(-1/2).",
  parameters: z.object({
    points: z.int().min(5).max(100).default(100).describe("rows explained in each set"),
    samples: z.int().min(100).max(20_000).default(8000).describe("perturbations N per row"),
    sets: z
      .enum(["two", "four"])
      .default("four")
      .describe("one data set, or two, for each of regression and classification"),
  }),
  profiles: { quick: { points: 30, samples: 1000, sets: "two" }, full: {} },
  seconds: { quick: 6, full: 120 },
  plots: [
    linePlot(
      "convergence",
      "Two independent estimates approach each other",
      logAxis("perturbations N"),
      logAxis("mean L1 distance"),
      { series: sampled.map(labelOf) },
    ),
    heatPlot("pairs", "Distance of formulas and approximations", "as a minimizer", "by its formula", {
      color: { label: "mean L1 distance / size of the row", kind: "sequential" },
    }),
  ],

  explore: chooseRow,

  async *measure({ parameters: { points: count, samples, sets: chosen }, seed, signal, stage }) {
    yield progress(0, "enumerated masks");
    const small = await smallNetwork(seed);
    using smallModel = small.model;
    const exact = await exactDistances(smallModel, small.x);

    const names: readonly SetName[] =
      chosen === "two"
        ? [regressionSets[0], classificationSets[0]]
        : [...regressionSets, ...classificationSets];
    const sets = new Map<SetName, Awaited<ReturnType<typeof splitSet>>>();
    for (const set of names) sets.set(set, await splitSet(set, count, seed));
    const wanted = names.flatMap((set) =>
      (["A", "C"] as const).map((architecture) => [set, architecture] as const),
    );
    const networks = yield* trainedNetworks(wanted, sets, { seed, signal, stage });
    const explored = networks.find(({ set, architecture }) => set === EXPLORED && architecture === "A");
    const split = sets.get(EXPLORED);
    if (explored && split) {
      const { featureNames } = await loadDataset(EXPLORED);
      yield keepForExploration(keptNetwork(explored, featureNames, split.ranges, split.test.x, seed));
    }
    const models: ModelFindings[] = [];
    for (const [i, network] of networks.entries()) {
      yield progress(0.2 + (0.5 * i) / networks.length, seriesOf(network.set, network.architecture));
      const { set, architecture, testError } = network;
      const x = sets.get(set)?.explained ?? denseMatrix([], 0, 0);
      const found = yield* stage(`pairs ${set} ${architecture}`, async function* () {
        using model = await explainable(network);
        const formulas: DenseMatrix[] = [];
        const approximations: DenseMatrix[] = [];
        for (const name of explainerNames) {
          signal.throwIfAborted();
          formulas.push(await attributionsOf(name, model, x, { by: "formula", samples, seed: 2 * seed }));
          approximations.push(
            await attributionsOf(name, model, x, {
              ...limits[name],
              ...{ by: "approximation", samples, seed: 2 * seed + 1 },
            }),
          );
        }
        const l1 = Array.from(distanceMatrix(formulas, "l1", approximations).values, rounded);
        const scales = formulas.map((one) => rounded(meanSize(one)));
        const relative = l1.map((distance, k) => distance / scales[Math.floor(k / labels.length)]);
        yield matrix("pairs", seriesOf(set, architecture), {
          rows: labels,
          columns: labels,
          values: relative,
        });
        return { l1, scales };
      });
      models.push({ set, architecture, testError, ...found });
    }

    const convergence: Convergence[] = [];
    const first = networks[0];
    const rows = sets.get(first.set)?.explained ?? denseMatrix([], 0, 0);
    const few = denseMatrix(rows.values.slice(0, 10 * rows.columns), Math.min(10, rows.rows), rows.columns);
    for (const [i, explainer] of sampled.entries())
      for (const [k, size] of sizes.entries()) {
        yield progress(0.7 + (0.3 * (3 * i + k)) / 6, `${labelOf(explainer)}, N = ${size}`);
        const found = yield* stage(`convergence ${explainer} ${size}`, async function* () {
          using model = await explainable(first);
          let sum = 0;
          for (const draw of repeatSeeds(seed, DRAWS)) {
            const [a, b] = await Promise.all(
              [2 * draw, 2 * draw + 1].map((own) =>
                attributionsOf(explainer, model, few, { by: "approximation", samples: size, seed: own }),
              ),
            );
            sum += attributionDistance(a, b, "l1").mean / DRAWS;
          }
          yield point("convergence", labelOf(explainer), size, sum);
          return { explainer, samples: size, distance: sum };
        });
        convergence.push(found);
      }
    return { exact, models, convergence, samples };
  },

  judge({ exact, models, convergence }) {
    const tanh = models.filter(({ set }) => isRegression(set));
    const relu = models.filter(({ set }) => !isRegression(set));
    const rounding =
      "both are the same minimizer; rounding in float64, times the condition number of the regression";
    return [
      check(
        "C1",
        "KernelSHAP on all masks: largest distance of the regression and the Shapley values",
        exact.kernelShap,
        { atMost: 1e-8 },
        theorem(rounding),
      ),
      check(
        "C1",
        "LIME on all masks: largest distance of the regression and the mean effects",
        exact.lime,
        { atMost: 1e-8 },
        theorem(rounding),
      ),
      check(
        "C1",
        "Occlusion: largest distance of the fit and the differences",
        exact.occlusion,
        { atMost: 1e-12 },
        theorem("the fit has one perturbation per feature; rounding in float64"),
      ),
      check(
        "C1",
        "Integrated Gradients: largest distance of 64 and 128 nodes",
        exact.integratedGradients,
        { atMost: 1e-10 },
        theorem("a Gauss-Legendre rule converges geometrically on an analytic network"),
      ),
      check(
        "C1",
        "explainers that are not closest to their own formula, over all networks",
        models.reduce((sum, model) => sum + misplaced(model), 0),
        { equals: 0 },
        criterion(
          "a method that minimizes its own objective is closer to its own formula than to any other, and vice versa",
        ),
      ),
      check(
        "C1",
        "tanh networks: largest distance of an explainer and its formula, as a share of its size",
        Math.max(...tanh.map(diagonalShare)),
        { atMost: 0.1 },
        criterion(
          "a thousand draws leave 3% of the spread of the gradients, which for a smooth network is at most a few times their mean",
        ),
      ),
      check(
        "C1",
        "ReLU networks: largest distance of an explainer and its formula, as a share of its size",
        Math.max(...relu.map(diagonalShare)),
        { atMost: 0.2 },
        criterion(
          "gradients of ReLU networks jump, and a saturating sigmoid spreads them out: twice the allowance of smooth networks",
        ),
      ),
      ...sampled.map((explainer) =>
        check(
          "C1",
          `${labelOf(explainer)}: exponent of N in the distance of two estimates`,
          slopeOf(convergence, explainer),
          { between: [-0.65, -0.35] },
          theorem("the central limit theorem: −1/2; 0.15 allows for only three sizes and four draws"),
        ),
      ),
    ];
  },

  present({ exact, models, convergence, samples }) {
    const share = formatRounded(Math.max(...models.map(diagonalShare)));
    const slopes = sampled.map((explainer) => formatRounded(slopeOf(convergence, explainer)));
    const wrong = models.reduce((sum, model) => sum + misplaced(model), 0);
    const most = Math.max(exact.kernelShap, exact.lime, exact.occlusion, exact.integratedGradients);
    return {
      headline: `The eight explainers are minimizers of one objective: where nothing is sampled, fits and formulas differ by at most ${formatRounded(most)}; with ${samples.toLocaleString("en-US")} perturbations, Occlusion and the gradient-based methods differ from their formulas by at most ${share} of their size.`,
      captions: {
        pairs: `Rows are usual formulas, columns the fits. The diagonal is smallest (exceptions: ${wrong} of ${compared.length * models.length}). L1 distances between the families compare slopes with shares of the score and only show that they differ.`,
        convergence: `Exponents ${slopes.join(" for LIME and ")} for KernelSHAP: two estimates with independent masks differ by Monte Carlo error and nothing else.`,
      },
      summary: [
        `On a 4-3-1 network with all 16 masks: KernelSHAP ${formatRounded(exact.kernelShap)}, LIME ${formatRounded(exact.lime)}, Occlusion ${formatRounded(exact.occlusion)}; Integrated Gradients with 64 and 128 nodes ${formatRounded(exact.integratedGradients)}.`,
        "LIME’s kernel is a product over the features, so that its regression has a formula: the mean effect of switching a feature on, over masks whose features are independent. That formula is LIME’s row here.",
      ],
      tables: [
        tableOf(
          "models",
          "Networks",
          {
            model: "network",
            testError: "test error",
            share: "largest diagonal / size",
            misplaced: "not closest to own formula",
          },
          models.map((model) => ({
            model: seriesOf(model.set, model.architecture),
            testError: model.testError,
            share: diagonalShare(model),
            misplaced: misplaced(model),
          })),
        ),
      ],
    };
  },
});
