import {
  chebyshevAffineFit,
  crossNeighborhoodLoss,
  type ExplainerName,
  explainerNames,
  gaussianNeighborhood,
  maskNeighborhood,
  type Neighborhood,
  removalNeighborhood,
  scalingNeighborhood,
  shapleyNeighborhood,
} from "gradus/explain";
import { denseMatrix } from "gradus/linalg";
import { z } from "zod";
import { check, formatFigure, formatRounded } from "../check.ts";
import { defineExperiment, keepForExploration, matrix, point, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { barPlot, heatPlot } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { labelOf, rounded } from "./explaining.ts";
import { movePoint } from "./explore-plane.ts";
import {
  type Architecture,
  explainable,
  limeWidth,
  type SetName,
  splitSet,
  trainedNetworks,
} from "./models.ts";
import { type Plane, planeAt, planeOf, surfaceGrid } from "./plane.ts";

const X0 = [0.4, -0.3] as const;
const GRID = 41;
const MINIMAX = "least possible";

const neighborhoodsOf = (features: number): readonly Neighborhood[] => [
  gaussianNeighborhood({ sigma: 0.05 }),
  gaussianNeighborhood({ sigma: 0.1 }),
  gaussianNeighborhood({ sigma: 0.3 }),
  maskNeighborhood({ width: limeWidth(features) }),
  shapleyNeighborhood(),
  removalNeighborhood(),
  scalingNeighborhood(),
  scalingNeighborhood({ low: 0.5 }),
];
const neighborhoodNames = neighborhoodsOf(20).map(({ name }) => name);
const REMOVAL = 5;
const GAUSSIAN = [0, 1, 2] as const;
const SIZE = neighborhoodNames.length;

type CrossLoss = {
  readonly set: SetName;
  readonly architecture: Architecture;
  /** Rows: evaluated on; columns: fitted on. */
  readonly losses: readonly number[];
};

/** The smallest ratio of another explanation's loss to that of the neighborhood's own, over all neighborhoods. */
const ownBest = ({ losses }: CrossLoss) =>
  Math.min(
    ...neighborhoodNames.map((_, j) => {
      const others = neighborhoodNames.map((__, i) => losses[j * SIZE + i]).filter((__, i) => i !== j);
      return Math.min(...others) / losses[j * SIZE + j];
    }),
  );

/** The smallest, over explanations, of the largest loss ratio to a neighborhood's own explanation, without removal of single features. */
const worstOfBest = ({ losses }: CrossLoss) =>
  Math.min(
    ...neighborhoodNames.map((_, i) =>
      Math.max(
        ...neighborhoodNames.map((__, j) =>
          j === REMOVAL ? 0 : losses[j * SIZE + i] / losses[j * SIZE + j],
        ),
      ),
    ),
  );

/** The largest loss of the noise-based explanations. */
const gaussianWorst = ({ losses }: CrossLoss) =>
  Math.max(...neighborhoodNames.flatMap((_, j) => GAUSSIAN.map((i) => losses[j * SIZE + i])));

const seriesOf = ({ set, architecture }: CrossLoss) => `${set}, ${architecture}`;

export default defineExperiment({
  description:
    "The planes that the eight explainers fit to a surface in two dimensions, next to the plane with the smallest maximal error. Then the affine explanation of each of eight neighborhoods, tested on every other one, for trained networks and for a linear model.",
  parameters: z.object({
    points: z.int().min(5).max(100).default(100).describe("rows explained in each set"),
    samples: z
      .int()
      .min(200)
      .max(20_000)
      .default(5000)
      .describe("perturbations to fit on, and as many to test on"),
  }),
  profiles: { quick: { points: 30, samples: 1000 }, full: {} },
  seconds: { quick: 5, full: 60 },
  plots: [
    heatPlot("surface", "Errors of planes fitted to tanh(2x₁) + x₁x₂", "x₁", "x₂", {
      color: { label: "|f − g|", kind: "sequential" },
    }),
    barPlot("worst", "Largest error of each explanation on the square", "explainer", "max |f − g|", {
      series: ["explanations", MINIMAX],
    }),
    heatPlot("cross", "Loss of each explanation on every neighborhood", "fitted on", "evaluated on", {
      color: { label: "log₁₀(loss / loss of its own explanation), at most 3", kind: "sequential" },
    }),
  ],

  explore: movePoint,

  async *measure({ parameters: { points: count, samples }, seed, signal, stage }) {
    yield keepForExploration({ seed });
    const { side, points: grid, values } = surfaceGrid(GRID);
    const every = side.map((_, i) => i).filter((i) => i % 2 === 0);
    const shown = every.map((i) => formatFigure(side[i]));
    const drawn = (series: string, plane: Plane) =>
      matrix("surface", series, {
        rows: [...shown].reverse(),
        columns: shown,
        values: [...every]
          .reverse()
          .flatMap((row) =>
            every.map((column) =>
              Math.abs(values[row * GRID + column] - planeAt(plane, side[column], side[row])),
            ),
          ),
      });
    const worstOf = (plane: Plane) =>
      values.reduce(
        (worst, value, k) =>
          Math.max(worst, Math.abs(value - planeAt(plane, grid.values[2 * k], grid.values[2 * k + 1]))),
        0,
      );
    const fit = chebyshevAffineFit(grid, values);
    const best: Plane = { weights: [fit.weights[0], fit.weights[1]], intercept: fit.intercept };
    yield drawn(MINIMAX, best);
    const worst: { readonly name: ExplainerName; readonly error: number }[] = [];
    for (const [k, name] of explainerNames.entries()) {
      yield progress(k / 20, labelOf(name));
      const plane = await planeOf(name, X0, { seed });
      const error = worstOf(plane);
      worst.push({ name, error });
      yield drawn(labelOf(name), plane);
      yield point("worst", "explanations", labelOf(name), error);
    }
    yield point("worst", MINIMAX, MINIMAX, worstOf(best));

    const names = ["synthetic", "breast-cancer"] as const;
    const sets = new Map<SetName, Awaited<ReturnType<typeof splitSet>>>();
    for (const set of names) sets.set(set, await splitSet(set, count, seed));
    yield progress(0.45, "training");
    const networks = yield* trainedNetworks(
      [
        ["synthetic", "A"],
        ["breast-cancer", "A"],
        ["synthetic", "linear"],
      ],
      sets,
      { seed, signal, stage },
    );
    const cross: CrossLoss[] = [];
    for (const [k, network] of networks.entries()) {
      const { set, architecture, inputs } = network;
      yield progress(0.6 + (0.4 * k) / networks.length, `${set}, ${architecture}`);
      cross.push(
        yield* stage(`cross ${set} ${architecture}`, async function* () {
          using model = await explainable(network);
          const x = sets.get(set)?.explained ?? denseMatrix([], 0, 0);
          // a ridge would bias the linear model's own explanations
          const ridge = architecture === "linear" ? 0 : 1e-8;
          const neighborhoods = neighborhoodsOf(inputs);
          const found = await crossNeighborhoodLoss(model, x, neighborhoods, {
            samples,
            seed,
            ridge,
            signal,
          });
          const losses = Array.from(found.values, rounded);
          const one = { set, architecture, losses };
          if (architecture !== "linear")
            yield matrix("cross", seriesOf(one), {
              rows: neighborhoodNames,
              columns: neighborhoodNames,
              values: losses.map((loss, at) => {
                const own = losses[Math.floor(at / SIZE) * (SIZE + 1)];
                return Math.min(3, Math.log10(Math.max(loss, 1e-300) / Math.max(own, 1e-300)));
              }),
            });
          return one;
        }),
      );
    }
    return { least: fit.maxError, attained: worstOf(best), worst, cross };
  },

  judge({ least, attained, worst, cross }) {
    const networks = cross.filter(({ architecture }) => architecture !== "linear");
    const linear = cross.filter(({ architecture }) => architecture === "linear");
    return [
      check(
        "C3",
        "smallest of the eight explanations’ largest errors on the square, minus that of the best plane",
        Math.min(...worst.map(({ error }) => error)) - least,
        { atLeast: -1e-9 },
        theorem("no free lunch: some neighborhood, a point, has at least the loss d(f, G) of the best plane"),
      ),
      check(
        "C3",
        "explanations, of eight, whose largest error is above 1.5 times that of the best plane",
        worst.filter(({ error }) => error > 1.5 * least).length,
        { atLeast: 6 },
        criterion(
          "the theorem only bounds the loss from below; errors half as large again for most explanations make the price noticeable",
        ),
      ),
      check(
        "C3",
        "networks: smallest ratio of another explanation’s loss to that of the neighborhood’s own",
        Math.min(...networks.map(ownBest)),
        { atLeast: 1 },
        criterion(
          "a neighborhood’s own explanation minimizes the loss on the draws it was fitted on, and should on fresh ones, too",
        ),
      ),
      check(
        "C3",
        "networks: smallest over explanations of the largest loss ratio on any neighborhood",
        Math.min(...networks.map(worstOfBest)),
        { atLeast: 2 },
        criterion(
          "no explanation is good everywhere if each is somewhere twice as bad as the neighborhood’s own; removal of single features is left out, because its own explanation interpolates there",
        ),
      ),
      check(
        "C4",
        "linear model: largest loss of the noise-based explanations over all eight neighborhoods",
        Math.max(...linear.map(gaussianWorst)),
        { atMost: 1e-8 },
        theorem("d(f, G) = 0 for f in G: the model is recovered and right everywhere, up to rounding"),
      ),
      check(
        "C3",
        "plane with the smallest maximal error: its error on the grid minus that of the linear program",
        Math.abs(attained - least),
        { atMost: 1e-7 },
        theorem("duality of linear programs: the multipliers attain the optimum"),
      ),
    ];
  },

  present({ least, worst, cross }) {
    const networks = cross.filter(({ architecture }) => architecture !== "linear");
    const errors = worst.map(({ error }) => error);
    const factor = formatRounded(Math.min(...networks.map(worstOfBest)));
    return {
      headline: `No plane is within ${formatRounded(least)} of the surface, and the errors of the eight explanations are ${formatRounded(Math.min(...errors))} to ${formatRounded(Math.max(...errors))}; on the networks every explanation is worse by a factor of ${factor} or more on some neighborhood.`,
      captions: {
        surface: `Explained at (${X0.join(", ")}). Each explanation is good near its own neighborhood: a cloud, masks (the corners of a box), or a ray from 0.`,
        worst: `The best plane has error ${formatRounded(least)}; it is good nowhere in particular.`,
        cross:
          "Rows are neighborhoods, columns are explanations, and the diagonal is 0. Where single features are removed, the neighborhood’s own explanation interpolates, so the ratio is unbounded for all others.",
      },
      summary: [
        "The theorem is about the worst neighborhood. It does not say that explanations are equally good on the neighborhoods that a reader cares about.",
        `The linear model’s noise-based explanations are right on all eight neighborhoods, to within ${formatRounded(Math.max(...cross.filter(({ architecture }) => architecture === "linear").map(gaussianWorst)))}.`,
      ],
      tables: [
        tableOf(
          "planes",
          "Largest error on the square",
          { explainer: "explainer", error: "max |f − g|", ratio: "over the least possible" },
          worst.map(({ name, error }) => ({ explainer: labelOf(name), error, ratio: error / least })),
        ),
        tableOf(
          "cross",
          "Networks",
          { model: "network", own: "smallest other / own", worst: "smallest worst ratio" },
          networks.map((one) => ({ model: seriesOf(one), own: ownBest(one), worst: worstOfBest(one) })),
        ),
      ],
    };
  },
});
