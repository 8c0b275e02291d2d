import { type EqualityResult, minimizeEquality } from "gradus/optimize";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { curve, defineExperiment, note, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { constrainedLogistic } from "./logistic.ts";
import { LOGISTIC_CURVATURE } from "./logistic-regression.ts";
import { drawable } from "./methods.ts";

const kappas = [0.3, 0.1, 0.01] as const;
const sets = ["ionosphere", "splice"] as const;
const LAST = 4;
const schedules = [
  ...kappas.map((kappa) => ({ label: `θ = 1, κ = ${kappa}`, kappa, theta: "constant" as const })),
  { label: "θ = min(1, ‖∇L‖), κ = 0.1", kappa: 0.1, theta: "superlinear" as const },
];

interface Path {
  /** KKT residuals from the start on. */
  readonly kkt: readonly number[];
  readonly stepSizes: readonly number[];
}

const pathOf = (first: number, { history }: EqualityResult): Path => ({
  kkt: [first, ...history.map(({ kkt }) => kkt)],
  stepSizes: history.map(({ stepSize }) => stepSize),
});

/** r_{k+1} / r_k for the last steps. */
function lastRatios({ kkt }: Path, count: number): number[] {
  return kkt.slice(-count).map((value, i, tail) => value / kkt[kkt.length - tail.length - 1 + i]);
}

/** How a run converged at its end. */
type Rate = {
  readonly set: string;
  readonly schedule: string;
  readonly iterations: number;
  readonly mean: number;
  readonly last: number;
  readonly order: number;
  readonly units: number;
};

export default defineExperiment({
  description:
    "Follows AdaSketch-RK with the relative rule to a KKT residual of 1e-9 on constrained logistic regressions, for three constant accuracies and for one that sharpens with the residual.",
  parameters: z.object({
    tolerance: z.number().min(1e-11).max(1e-6).default(1e-9).describe("KKT residual at the end"),
    splice: z.boolean().default(true).describe("also splice, whose file is in the data directory"),
    maxSketchSteps: z.int().min(10_000).max(100_000_000).default(20_000_000).describe("row steps per solve"),
  }),
  dataDirectory: ["splice"],
  profiles: { quick: { splice: false }, full: {} },
  seconds: { quick: 8, full: 8 },
  plots: sets.map((name) =>
    linePlot(name, `KKT residual on ${name}`, "outer iteration", logAxis("KKT residual"), {
      series: schedules.map(({ label }) => label),
    }),
  ),

  async *measure({ parameters: { tolerance, splice, maxSketchSteps }, seed, signal, stage }) {
    const used = splice ? sets : sets.slice(0, 1);
    if (!splice) yield note("splice is not bundled with the library and is left out at the quick size.");
    const rates: Rate[] = [];
    for (const [s, name] of used.entries()) {
      for (const [k, { label, kappa, theta }] of schedules.entries()) {
        yield progress((s + k / schedules.length) / used.length, `${name}: ${label}`);
        const path = yield* stage(`${name} ${label}`, async function* () {
          const { problem, start, lambda0 } = await constrainedLogistic(name, seed);
          let first = Number.NaN;
          const run = await minimizeEquality(problem, start, {
            lambda0,
            sketch: "kaczmarz",
            equilibrate: false,
            tolerance,
            kappa,
            theta,
            maxSketchSteps,
            seed,
            curvatureFloor: LOGISTIC_CURVATURE,
            signal,
            onIterate: ({ iteration, kkt }) => {
              if (iteration === 0) first = kkt;
            },
          });
          yield curve(name, label, pathOf(first, run).kkt, (kkt, i) => ({ x: i, y: drawable(kkt) }));
          return pathOf(first, run);
        });
        const ratios = lastRatios(path, LAST);
        const [before, last] = ratios.slice(-2);
        rates.push({
          set: name,
          schedule: label,
          iterations: path.stepSizes.length,
          mean: ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length,
          last,
          order: Math.log(last) / Math.log(before),
          units: path.stepSizes.slice(-LAST).filter((stepSize) => stepSize === 1).length,
        });
      }
    }
    return { rates };
  },

  judge: ({ rates }) =>
    rates.flatMap(({ set, schedule, mean, order, units }) => {
      const { kappa, theta } = schedules.find(({ label }) => label === schedule) ?? schedules[0];
      const of = `${set}, ${schedule}`;
      return [
        theta === "constant"
          ? check(
              "C3",
              `${of}: mean of the last ${LAST} ratios of KKT residuals`,
              mean,
              { between: [kappa / 2, 2 * kappa] },
              criterion("linear at the rate of the accuracy: κ within a factor of two"),
            )
          : check(
              "C3",
              `${of}: last estimate of the order of convergence`,
              order,
              { atLeast: 1.5 },
              criterion("the order is 1 for linear and 2 for quadratic convergence; at least halfway"),
            ),
        check(
          "C3",
          `${of}: unit steps among the last ${LAST}`,
          units,
          { equals: LAST },
          criterion(`“locally” is the last ${LAST} steps before the tolerance`),
        ),
      ];
    }),

  present({ rates }) {
    const factors = (name: string) => {
      const own = rates.filter(({ set }) => set === name);
      const listed = own
        .slice(0, kappas.length)
        .map(({ mean }, i) => `${formatRounded(mean)} for κ = ${kappas[i]}`)
        .join(", ");
      return own.length === 0
        ? "Not run at this size."
        : `Mean factors of the last ${LAST} iterations: ${listed}; with θ = min(1, ‖∇L‖) the last factor is ${formatRounded(own[kappas.length].last)}.`;
    };
    const [first] = rates;
    const sharp = rates[kappas.length];
    return {
      headline: `On ${first.set} each of the last KKT residuals is about ${formatRounded(first.mean)} times the one before for κ = ${kappas[0]}; with an increasing accuracy, the order of convergence is ${formatRounded(sharp.order)}.`,
      captions: Object.fromEntries(sets.map((name) => [name, factors(name)])),
      summary: [...new Set(rates.map(({ set }) => set))].map((name) => `${name}: ${factors(name)}`),
      tables: [
        tableOf(
          "rates",
          "Local rates",
          {
            ...{ set: "data", schedule: "accuracy", iterations: "outer iterations" },
            ...{ mean: `mean of the last ${LAST} ratios`, last: "last ratio" },
            ...{ order: "last order", units: `unit steps of the last ${LAST}` },
          },
          rates,
        ),
      ],
    };
  },
});
