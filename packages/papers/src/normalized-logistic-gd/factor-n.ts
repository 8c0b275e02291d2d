import { geometricMargin, type SeparationMethod } from "gradus/optimize";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, type ExperimentEvent, point, points, progress, table } from "../experiment.ts";
import { followPath, methodLabel, pathColumns, pathRow, separationTime } from "./path.ts";
import { hardSet } from "./problems.ts";

interface Contender {
  readonly method: SeparationMethod;
  readonly step: number;
  /** Runs of n^2 work and more are left out above this n. */
  readonly largest?: number;
}

const sizes = [10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000] as const;
const contenders: readonly Contender[] = [
  { method: "normalized", step: 1 },
  { method: "normalized", step: 1e2 },
  { method: "normalized", step: 1e6 },
  { method: "gd", step: 1e6 },
  { method: "gd", step: 10, largest: 10_000 },
  { method: "gradient-normalized", step: 1e6 },
  { method: "loss-normalized", step: 10 },
  { method: "perceptron", step: 1 },
];
const labels = contenders.map(({ method, step }) => methodLabel(method, step));
const rhos = [1, 0.3, 0.1, 0.03] as const;
const RHO_SIZE = 1000;
const TURNING_SIZE = 100;
const turning = [
  { method: "normalized", step: 1e2 },
  { method: "gd", step: 1e6 },
] as const;
const degrees = (x: number, y: number) => (Math.atan2(y, x) * 180) / Math.PI;

export default defineExperiment({
  id: "factor-n",
  title: "The factor n: one wrong sample among n",
  description:
    "Separates n − 1 copies of (1, 0) and one (−1, 1), whose margin does not depend on n, for growing n: LR+GD moves by the wrong sample's share 1/n, the normalized methods do not.",
  claims: ["C3", "C4"],
  parameters: z.object({
    largest: z.int().min(1000).max(100_000).default(100_000).describe("largest n"),
  }),
  profiles: { quick: { largest: 10_000 }, full: {} },
  seconds: { quick: 5, full: 45 },
  plots: [
    {
      id: "time",
      title: "Iterations until separation against n",
      x: { label: "samples n", scale: "log" },
      y: { label: "iterations T", scale: "log" },
      mark: "line",
      series: labels,
      references: ["n/4", "R²/μ²"],
    },
    {
      id: "rho",
      title: `LR+GD on flatter hard sets, n = ${RHO_SIZE}`,
      x: { label: "ρ", scale: "log" },
      y: { label: "iterations T", scale: "log" },
      mark: "line",
      series: [methodLabel("normalized", 1e6), methodLabel("gd", 1e6)],
      references: ["n/(4ρ)"],
    },
    {
      id: "turning",
      title: `How θ turns, n = ${TURNING_SIZE}: it separates between 45° and 90°`,
      x: { label: "iteration t" },
      y: { label: "direction of θ (degrees)" },
      mark: "line",
      series: turning.map(({ method, step }) => methodLabel(method, step)),
      references: ["edge of the separating directions", "largest margin"],
    },
  ],

  async *run({ parameters: { largest }, signal, stage }) {
    const checks: Check[] = [];
    const used = sizes.filter((n) => n <= largest);
    const rows: ReturnType<typeof pathRow>[] = [];
    const timesOf = new Map<string, { n: number; T: number }[]>();
    const pathTable = (): ExperimentEvent =>
      table({ id: "paths", title: "Hard sets", columns: pathColumns, rows: [...rows] });
    const { complexity, theta } = geometricMargin({ A: hardSet(2).x, y: hardSet(2).y });
    yield points(
      "time",
      "n/4",
      [used[0], used[used.length - 1]].map((n) => ({ x: n, y: n / 4 })),
    );
    yield points(
      "time",
      "R²/μ²",
      [used[0], used[used.length - 1]].map((n) => ({ x: n, y: complexity })),
    );

    for (const [k, n] of used.entries()) {
      const problem = hardSet(n);
      for (const { method, step, largest: limit } of contenders) {
        if (limit !== undefined && n > limit) continue;
        const label = methodLabel(method, step);
        yield progress((0.9 * k) / used.length, `n = ${n}, ${label}`);
        const path = yield* stage(`${n}, ${label}`, async function* () {
          const path = yield* followPath(problem, { method, step, maxIterations: 40 * n, signal });
          yield point("time", label, n, separationTime(method, path) ?? path.iterations);
          return path;
        });
        rows.push(pathRow(problem, method, step, path));
        const T = separationTime(method, path) ?? Number.POSITIVE_INFINITY;
        timesOf.set(label, [...(timesOf.get(label) ?? []), { n, T }]);
        yield pathTable();
      }
    }

    const timesAt = (method: SeparationMethod, step: number) => timesOf.get(methodLabel(method, step)) ?? [];
    const slopeOf = (method: SeparationMethod, step: number) => {
      const times = timesAt(method, step).filter(({ n }) => n >= 100);
      return logLogSlope(
        times.map(({ n }) => n),
        times.map(({ T }) => T),
      ).slope;
    };
    const worst = (step: number) => Math.max(...timesAt("normalized", step).map(({ T }) => T));
    checks.push(
      check("C3", "slope of ln T on ln n, n ≥ 100, LR+GD with γ = 1e6", slopeOf("gd", 1e6), {
        between: [0.95, 1.05],
      }),
      check("C4", "slope of ln T on ln n, n ≥ 100, normalized with β = 100", slopeOf("normalized", 1e2), {
        between: [-0.02, 0.02],
      }),
      check("C4", "slope of ln T on ln n, n ≥ 100, normalized with β = 1e6", slopeOf("normalized", 1e6), {
        between: [-0.02, 0.02],
      }),
      check("C4", "slope of ln T on ln n, n ≥ 100, normalized with β = 1", slopeOf("normalized", 1), {
        atMost: 0.25,
      }),
      check(
        "C4",
        `largest T of normalized, β = 100 and 1e6, against R²/μ² = ${formatFigure(complexity)}`,
        Math.max(worst(1e2), worst(1e6)),
        { atMost: complexity * (1 + 1e-9) },
      ),
    );

    yield points(
      "rho",
      "n/(4ρ)",
      [rhos[0], rhos[rhos.length - 1]].map((rho) => ({ x: rho, y: RHO_SIZE / (4 * rho) })),
    );
    const rhoTimes: string[] = [];
    for (const rho of rhos) {
      yield progress(0.9, `ρ = ${rho}`);
      const { gd, normalized } = yield* stage(`rho ${rho}`, async function* () {
        const problem = hardSet(RHO_SIZE, rho);
        const options = { step: 1e6, maxIterations: 100 * RHO_SIZE, signal };
        const normalized = yield* followPath(problem, { ...options, method: "normalized" });
        const gd = yield* followPath(problem, { ...options, method: "gd" });
        yield point("rho", methodLabel("normalized", 1e6), rho, normalized.iterations);
        yield point("rho", methodLabel("gd", 1e6), rho, gd.iterations);
        return { gd, normalized };
      });
      const predicted = RHO_SIZE / (4 * rho);
      rhoTimes.push(`${gd.iterations} at ρ = ${rho} (normalized: ${normalized.iterations})`);
      checks.push(
        check(
          "C3",
          `T of LR+GD, γ = 1e6, n = ${RHO_SIZE}, ρ = ${rho}: distance from n/(4ρ) = ${formatFigure(predicted)}, relative`,
          Math.abs(gd.iterations / predicted - 1),
          { atMost: 0.02 },
        ),
      );
    }

    const turns = yield* stage("turning", async function* () {
      const T: number[] = [];
      for (const { method, step } of turning) {
        const path = yield* followPath(hardSet(TURNING_SIZE), {
          method,
          step,
          maxIterations: 10_000,
          signal,
          *show({ iteration, theta }) {
            const [x, y] = theta();
            if (iteration > 0) yield point("turning", methodLabel(method, step), iteration, degrees(x, y));
          },
        });
        T.push(path.iterations);
      }
      const ends = [1, Math.max(...T)];
      yield points(
        "turning",
        "edge of the separating directions",
        ends.map((t) => ({ x: t, y: 45 })),
      );
      yield points(
        "turning",
        "largest margin",
        ends.map((t) => ({ x: t, y: degrees(theta[0], theta[1]) })),
      );
      return T;
    });

    yield progress(1, "done");
    const finalTimes = (method: SeparationMethod, step: number) =>
      timesAt(method, step).at(-1)?.T ?? Number.NaN;
    const top = used[used.length - 1];
    return {
      checks,
      captions: {
        time: `At n = ${formatFigure(top)}, LR+GD with γ = 1e6 needs ${finalTimes("gd", 1e6)} iterations and the normalized method ${finalTimes("normalized", 1e6)} (β = 1e6), ${finalTimes("normalized", 1)} (β = 1); R²/μ² is ${formatFigure(complexity)} for every n.`,
        rho: `T of LR+GD: ${rhoTimes.join(", ")}.`,
        turning: `Above 45° every sample is right. The normalized method gets there after ${turns[0]} iterations, LR+GD after ${turns[1]}: it swings to the copies first and is then turned by one sample's share.`,
      },
      summary: [
        `LR+GD with γ = 1e6 grows as n to the power ${formatFigure(slopeOf("gd", 1e6))}; the normalized method with β = 100 as n to the power ${formatFigure(slopeOf("normalized", 1e2))}, with β = 1 to the power ${formatFigure(slopeOf("normalized", 1))} (logarithmically).`,
        `Loss-normalized steps, a variant outside this paper, do not carry the factor n either (T = ${finalTimes("loss-normalized", 10)} at n = ${formatFigure(top)}).`,
      ],
    };
  },
});
