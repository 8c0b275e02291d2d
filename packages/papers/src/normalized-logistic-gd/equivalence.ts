import { type SeparationMethod, separationIterates } from "gradus/optimize";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, type Point, points, progress, table } from "../experiment.ts";
import { followPath, stepLabel } from "./path.ts";
import { digitPair, type Problem } from "./problems.ts";

const pairs = [
  [3, 8],
  [1, 8],
  [4, 9],
] as const;
const gammas = [1e8, 1e6, 1e5, 1e4, 1e2, 10] as const;
/** Errors of exactly 0 are drawn here, where a log axis can show them. */
const DRAWN_ZERO = 1e-17;

async function firstThetas(
  problem: Problem,
  options: { method: SeparationMethod; step: number; iterations: number; signal: AbortSignal },
): Promise<Float64Array[]> {
  const { method, step, iterations, signal } = options;
  const thetas: Float64Array[] = [];
  const path = separationIterates({ A: problem.x, y: problem.y, method, step, stop: "never", signal });
  for await (const iterate of path) {
    thetas.push(iterate.theta());
    if (iterate.iteration === iterations) break;
  }
  return thetas;
}

const largest = (x: Float64Array) => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** |theta_t / gamma - ref_t|_inf / |ref_t|_inf for t = 1, 2, ... */
function relativeErrors(
  path: readonly Float64Array[],
  limit: readonly Float64Array[],
  gamma: number,
): number[] {
  return path
    .slice(1)
    .map(
      (theta, k) => largest(theta.map((value, j) => value / gamma - limit[k + 1][j])) / largest(limit[k + 1]),
    );
}

export default defineExperiment({
  id: "equivalence",
  title: "With large steps, gradient descent is the batch perceptron",
  description:
    "Runs logistic regression with gradient descent (LR+GD) and the batch perceptron side by side on three pairs of digits, without stopping, and measures how far θ_t/γ is from the perceptron's iterate.",
  claims: ["C1"],
  parameters: z.object({
    iterations: z.int().min(2).max(2000).default(60).describe("steps compared"),
  }),
  profiles: { quick: {}, full: {} },
  seconds: { quick: 1, full: 1 },
  plots: pairs.map(([a, b]) => ({
    id: `error-${a}v${b}`,
    title: `Distance from the batch perceptron, digits ${a} against ${b}`,
    x: { label: "step t" },
    y: { label: "relative distance of θ_t/γ from the perceptron's iterate", scale: "log" },
    mark: "line",
    series: gammas.map((gamma) => `γ = ${stepLabel(gamma)}`),
  })),

  async *run({ parameters: { iterations }, signal, stage }) {
    const checks: Check[] = [];
    const rows: Record<string, number | string | null>[] = [];
    const worstByPair: number[] = [];
    const times: string[] = [];
    const captions: Record<string, string> = {};
    for (const [k, [a, b]] of pairs.entries()) {
      const name = `${a}v${b}`;
      yield progress(k / pairs.length, `digits ${name}`);
      const { worst, T } = yield* stage(name, async function* () {
        const problem = await digitPair(a, b);
        const limit = await firstThetas(problem, { method: "batch-perceptron", step: 1, iterations, signal });
        const worst: number[] = [];
        for (const gamma of gammas) {
          const path = await firstThetas(problem, { method: "gd", step: gamma, iterations, signal });
          const errors = relativeErrors(path, limit, gamma);
          worst.push(Math.max(...errors));
          const drawn = errors.map((error, t): Point => ({ x: t + 1, y: Math.max(error, DRAWN_ZERO) }));
          yield points(`error-${name}`, `γ = ${stepLabel(gamma)}`, drawn);
        }
        const maxIterations = 10_000;
        const gd = yield* followPath(problem, { method: "gd", step: 1e8, maxIterations, signal });
        const perceptron = yield* followPath(problem, {
          method: "batch-perceptron",
          step: 1,
          maxIterations,
          signal,
        });
        return { worst, T: { gd: gd.iterations, perceptron: perceptron.iterations } };
      });
      const at = (gamma: (typeof gammas)[number]) => worst[gammas.indexOf(gamma)];
      checks.push(
        check("C1", `digits ${name}: largest distance at γ = 1e8`, at(1e8), { atMost: 1e-12 }),
        check("C1", `digits ${name}: largest distance at γ = 1e2, where it must still show`, at(1e2), {
          atLeast: 1e-3,
        }),
        check(
          "C1",
          `digits ${name}: largest growth of the distance from γ = 1e2 to 1e4 to 1e6`,
          Math.max(at(1e4) / at(1e2), at(1e6) / at(1e4)),
          { atMost: 1 },
        ),
        check(
          "C1",
          `digits ${name}: difference of the separation times of LR+GD, γ = 1e8, and the batch perceptron`,
          Math.abs(T.gd - T.perceptron),
          { atMost: 2 },
        ),
      );
      rows.push({
        data: `digits ${name}`,
        ...Object.fromEntries(gammas.map((gamma, i) => [stepLabel(gamma), worst[i]])),
        gd: T.gd,
        perceptron: T.perceptron,
      });
      worstByPair.push(at(1e8));
      times.push(`${T.gd} and ${T.perceptron}`);
      captions[`error-${name}`] =
        `The largest distance is ${formatFigure(at(1e8))} at γ = 1e8, ${formatFigure(at(1e4))} at γ = 1e4 and ${formatFigure(at(1e2))} at γ = 100; distances of exactly 0 are drawn at 1e-17.`;
      yield table({
        id: "errors",
        title: `Largest relative distance over ${iterations} steps, and steps until separation`,
        columns: [
          { key: "data", label: "data" },
          ...gammas.map((gamma) => ({ key: stepLabel(gamma), label: `γ = ${stepLabel(gamma)}` })),
          { key: "gd", label: "T of LR+GD, γ = 1e8" },
          { key: "perceptron", label: "T of the batch perceptron" },
        ],
        rows: [...rows],
      });
    }
    yield progress(1, "done");
    return {
      checks,
      captions,
      summary: [
        `At γ = 1e8 no coordinate of θ_t/γ is further than ${formatFigure(Math.max(...worstByPair))} (relative) from the batch perceptron's in ${iterations} steps: the two are the same method up to rounding.`,
        `Steps until separation, LR+GD at γ = 1e8 and the batch perceptron: ${times.join("; ")}.`,
      ],
    };
  },
});
