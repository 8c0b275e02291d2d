import { type EqualityResult, minimizeEquality } from "gradus/optimize";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, note, points, progress, table } from "../experiment.ts";
import { constrainedLogistic, isAvailable } from "./logistic.ts";
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

export default defineExperiment({
  id: "local-rates",
  title: "Linear at the rate of the accuracy, superlinear where it sharpens",
  description:
    "Follows AdaSketch-RK with the relative rule to a KKT residual of 1e-9 on two constrained logistic regressions, for three constant accuracies and for one that sharpens with the residual.",
  claims: ["C3"],
  parameters: z.object({
    tolerance: z.number().min(1e-11).max(1e-6).default(1e-9).describe("KKT residual at the end"),
    maxSketchSteps: z.int().min(10_000).max(100_000_000).default(20_000_000).describe("row steps a solve"),
  }),
  profiles: { quick: {}, full: {} },
  seconds: { quick: 8, full: 8 },
  plots: sets.map((name) => ({
    id: name,
    title: `KKT residual on ${name}`,
    x: { label: "outer iteration" },
    y: { label: "KKT residual", scale: "log" },
    mark: "line",
    series: schedules.map(({ label }) => label),
  })),

  async *run({ parameters: { tolerance, maxSketchSteps }, seed, signal, stage }) {
    const checks: Check[] = [];
    const rows: Record<string, number | string | null>[] = [];
    const captions: Record<string, string> = {};
    const summary: string[] = [];
    for (const [s, name] of sets.entries()) {
      if (!(await isAvailable(name))) {
        yield note(`${name} does not come with the library and is left out here; the data directory has it.`);
        continue;
      }
      const means: number[] = [];
      for (const [k, { label, kappa, theta }] of schedules.entries()) {
        yield progress((s + k / schedules.length) / sets.length, `${name}: ${label}`);
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
          yield points(
            name,
            label,
            pathOf(first, run).kkt.map((kkt, i) => ({ x: i, y: drawable(kkt) })),
          );
          return pathOf(first, run);
        });
        const ratios = lastRatios(path, LAST);
        const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
        const [before, last] = ratios.slice(-2);
        const order = Math.log(last) / Math.log(before);
        const units = path.stepSizes.slice(-LAST).filter((stepSize) => stepSize === 1).length;
        if (theta === "constant") {
          means.push(mean);
          checks.push(
            check("C3", `${name}, ${label}: mean of the last ${LAST} ratios of KKT residuals`, mean, {
              between: [0.8 * kappa, 1.05 * kappa],
            }),
          );
        } else {
          checks.push(
            check("C3", `${name}, ${label}: last ratio of KKT residuals`, last, { atMost: 1e-3 }),
            check("C3", `${name}, ${label}: last estimate of the order`, order, { atLeast: 1.5 }),
          );
          captions[name] =
            `Mean factors of the last ${LAST} iterations: ${kappas.map((value, i) => `${formatFigure(means[i])} for κ = ${value}`).join(", ")}; with θ = min(1, ‖∇L‖) the last factor is ${formatFigure(last)}.`;
          summary.push(`${name}: ${captions[name]}`);
        }
        checks.push(
          check("C3", `${name}, ${label}: unit steps among the last ${LAST}`, units, { equals: LAST }),
        );
        rows.push({
          set: name,
          schedule: label,
          iterations: path.stepSizes.length,
          mean,
          last,
          order,
          units,
        });
        yield table({
          id: "rates",
          title: "Local rates",
          columns: [
            { key: "set", label: "data" },
            { key: "schedule", label: "accuracy" },
            { key: "iterations", label: "outer iterations" },
            { key: "mean", label: `mean of the last ${LAST} ratios` },
            { key: "last", label: "last ratio" },
            { key: "order", label: "last order" },
            { key: "units", label: `unit steps of the last ${LAST}` },
          ],
          rows: [...rows],
        });
      }
    }
    yield progress(1, "done");
    return { checks, captions, summary };
  },
});
