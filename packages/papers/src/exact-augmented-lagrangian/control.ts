import { denseMatrix, symmetricEigenvalues } from "gradus/linalg";
import {
  type EqualityResult,
  equilibrate,
  type MinimizeEqualityOptions,
  minimizeEquality,
  poissonControl,
} from "gradus/optimize";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, note, points, progress, table } from "../experiment.ts";
import { contenders, derivativeCalls, drawable, functionCalls } from "./methods.ts";

/** f at the solution, by an independent implementation. */
const optima: Readonly<Record<number, number>> = { 3: 9.644442, 15: 265.167365 };
const PAPER_SIZE = 3;
const SPARSE_STEPS = 1_000_000_000;

interface Run {
  readonly N: number;
  readonly label: string;
  readonly status: string;
  readonly iterations: number;
  readonly kkt: number;
  readonly value: number;
  readonly functions: number;
  readonly derivatives: number;
  readonly steps: number;
  readonly flops: number;
  readonly path: readonly number[];
}

const runOf = (N: number, label: string, result: EqualityResult): Run => ({
  N,
  label,
  status: result.status,
  iterations: result.iterations,
  kkt: result.kkt,
  value: result.value,
  functions: functionCalls(result),
  derivatives: derivativeCalls(result),
  steps: result.counts.innerSteps,
  flops: result.counts.innerFlops,
  path: result.history.map(({ kkt }) => kkt),
});

/** ||K||_F^2 / sigma_min^2 of the Newton system, as it is and equilibrated: row steps a digit are proportional to it. */
async function difficulties(N: number): Promise<{ plain: number; equilibrated: number }> {
  const problem = poissonControl(N);
  const { dimension: n, constraintCount: m } = problem;
  const origin = new Float64Array(n);
  const { values: G } = await problem.jacobian(origin);
  const hessian = await problem.hessianLagrangian?.(origin, new Float64Array(m));
  const H = hessian?.values ?? new Float64Array(n * n);
  const d = n + m;
  const K = new Float64Array(d * d);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) K[i * d + j] = H[i * n + j];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      K[(n + i) * d + j] = G[i * n + j];
      K[j * d + n + i] = G[i * n + j];
    }
  const difficulty = (matrix: Float64Array): number => {
    const values = symmetricEigenvalues(denseMatrix(matrix, d, d));
    const least = values.reduce((size, value) => Math.min(size, Math.abs(value)), Number.POSITIVE_INFINITY);
    return values.reduce((sum, value) => sum + value * value, 0) / least ** 2;
  };
  const { A } = equilibrate({ rows: d, columns: d, values: K });
  return { plain: difficulty(K), equilibrated: difficulty(A.values) };
}

export default defineExperiment({
  id: "control",
  title: "Control of Poisson's equation, and how the sketch scales with the grid",
  description:
    "Solves the paper's control problem (3 x 3 points) by every method, then finer grids: plain row sketches (RK), row sketches on the equilibrated system, and exact solves.",
  claims: ["C1", "C3"],
  parameters: z.object({
    finest: z
      .union([z.literal(7), z.literal(15)])
      .default(15)
      .describe("finest grid of the equilibrated sketch"),
    maxIterations: z
      .int()
      .min(5)
      .max(200)
      .default(50)
      .describe("outer iterations of the plain sketch at N = 7"),
  }),
  profiles: { quick: { finest: 7 }, full: {} },
  seconds: { quick: 12, full: 40 },
  plots: [
    {
      id: "path",
      title: "KKT residual, 3 x 3 and 7 x 7 points",
      x: { label: "outer iteration" },
      y: { label: "KKT residual", scale: "log" },
      mark: "line",
      series: ["RK, N = 3", "GV, N = 3", "exact, N = 3", "RK, N = 7", "RK equilibrated, N = 7"],
    },
    {
      id: "difficulty",
      title: "What the grid does to the row sketch",
      x: { label: "interior points a side", scale: "log" },
      y: { label: "‖K‖²_F / σ_min²", scale: "log" },
      mark: "line",
      series: ["equilibrated", "as it is"],
    },
    {
      id: "work",
      title: "Inner flops to a KKT residual of 1e-6",
      x: { label: "interior points a side", scale: "log" },
      y: { label: "flops", scale: "log" },
      mark: "line",
      series: ["RK equilibrated, sparse rows", "exact, dense LU"],
    },
  ],

  async *run({ parameters: { finest, maxIterations }, seed, signal, stage }) {
    const runs: Run[] = [];
    const solveOn = (N: number, options: MinimizeEqualityOptions) =>
      minimizeEquality(poissonControl(N), new Float64Array(2 * N * N).fill(1), {
        lambda0: new Float64Array(N * N).fill(1),
        ...options,
        signal,
      });
    const sizes = [3, 7, 15] as const;
    const tight = { tolerance: 1e-6 };
    const equilibrated = { ...contenders.equilibrated.options, ...tight, seed, maxSketchSteps: SPARSE_STEPS };
    // What is solved in an instant first: a reader waits for the first line.
    const plan: readonly { N: number; label: string; options: MinimizeEqualityOptions }[] = [
      ...sizes.map((N) => ({ N, label: "exact", options: { sketch: "exact" as const, ...tight } })),
      { N: 3, label: "RK", options: { ...contenders.rk.options, seed, maxSketchSteps: 100_000 } },
      { N: 3, label: "GV", options: { ...contenders.gv.options, seed, maxSketchSteps: 1_000_000 } },
      ...[contenders.adaptiveGmres, contenders.gmres, contenders.multipliers].map(({ label, options }) => ({
        N: 3,
        label,
        options,
      })),
      {
        N: 7,
        label: "RK",
        options: { ...contenders.rk.options, seed, maxSketchSteps: 100_000, maxIterations },
      },
      ...sizes
        .filter((N) => N <= finest)
        .map((N) => ({ N, label: "RK equilibrated", options: equilibrated })),
    ];
    for (const [k, { N, label, options }] of plan.entries()) {
      yield progress(k / plan.length, `N = ${N}: ${label}`);
      const run = yield* stage(`${N} ${label}`, async function* () {
        const result = runOf(N, label, await solveOn(N, options));
        yield progress((k + 1) / plan.length, `N = ${N}: ${label}`);
        return result;
      });
      runs.push(run);
      const series = `${label}, N = ${N}`;
      if (["RK, N = 3", "GV, N = 3", "exact, N = 3", "RK, N = 7", "RK equilibrated, N = 7"].includes(series))
        yield points(
          "path",
          series,
          run.path.map((kkt, i) => ({ x: i + 1, y: drawable(kkt) })),
        );
      if (label === "exact") yield points("work", "exact, dense LU", [{ x: N, y: run.flops }]);
      if (label === "RK equilibrated")
        yield points("work", "RK equilibrated, sparse rows", [{ x: N, y: run.flops }]);
      yield table({
        id: "runs",
        title: "Runs",
        columns: [
          { key: "N", label: "points a side" },
          { key: "method", label: "method" },
          { key: "status", label: "status" },
          { key: "iterations", label: "outer iterations" },
          { key: "kkt", label: "final KKT" },
          { key: "value", label: "objective" },
          { key: "functions", label: "calls of f and c" },
          { key: "derivatives", label: "calls of gradient and Jacobian" },
          { key: "steps", label: "inner steps" },
          { key: "flops", label: "inner flops" },
        ],
        rows: runs.map(({ label: method, path: _, ...rest }) => ({ method, ...rest })),
      });
    }
    const conditions = yield* stage("difficulties", async function* () {
      const result: { N: number; plain: number; equilibrated: number }[] = [];
      for (const N of sizes) {
        yield progress(1, `singular values, N = ${N}`);
        result.push({ N, ...(await difficulties(N)) });
      }
      return result;
    });
    for (const { N, plain, equilibrated: scaled } of conditions) {
      yield points("difficulty", "as it is", [{ x: N, y: plain }]);
      yield points("difficulty", "equilibrated", [{ x: N, y: scaled }]);
    }

    const find = (N: number, label: string): Run => {
      const run = runs.find((candidate) => candidate.N === N && candidate.label === label);
      if (!run) throw new RangeError(`no run of ${label} at N = ${N}`);
      return run;
    };
    const [rk, gv] = [find(PAPER_SIZE, "RK"), find(PAPER_SIZE, "GV")];
    const stuck = find(7, "RK");
    const off = (run: Run) => Math.abs(run.value - optima[run.N]);
    const remedies = runs.filter(
      ({ N, label }) => N === 15 && (label === "exact" || label === "RK equilibrated"),
    );
    const checks: Check[] = [
      check("C1", "N = 3, RK: outer iterations", rk.iterations, { between: [2, 5] }),
      check("C1", "N = 3, GV: outer iterations", gv.iterations, { between: [3, 6] }),
      ...[rk, gv].flatMap((run) => [
        check("C1", `N = 3, ${run.label}: final KKT residual`, run.kkt, { atMost: 1e-4 }),
        check("C1", `N = 3, ${run.label}: distance of f from ${optima[3]}`, off(run), { atMost: 1e-4 }),
      ]),
      check("C3", "N = 3, exact solves: outer iterations", find(PAPER_SIZE, "exact").iterations, {
        equals: 1,
      }),
      ...remedies.flatMap((run) => [
        check("C1", `N = 15, ${run.label}: final KKT residual`, run.kkt, { atMost: 1e-6 }),
        check("C1", `N = 15, ${run.label}: distance of f from ${optima[15]}`, off(run), { atMost: 1e-4 }),
      ]),
    ];
    const hard = (N: number) => formatFigure(conditions.find((entry) => entry.N === N)?.plain ?? Number.NaN);
    const eased = (N: number) =>
      formatFigure(conditions.find((entry) => entry.N === N)?.equilibrated ?? Number.NaN);
    const both = sizes
      .filter((N) => N <= finest)
      .map(
        (N) =>
          `N = ${N}: ${formatFigure(find(N, "RK equilibrated").flops)} against ${formatFigure(find(N, "exact").flops)}`,
      )
      .join(", ");
    yield note(
      `At N = 7 plain row sketches with ${formatFigure(100_000)} steps a solve stand at a KKT residual of ${formatFigure(stuck.kkt)} after ${stuck.iterations} iterations: ${stuck.kkt > 1e-4 ? "they do not reach 1e-4" : "they reach 1e-4"}.`,
    );
    yield progress(1, "done");
    return {
      checks,
      captions: {
        path: `At N = 7 the plain row sketch is cut off long before it is accurate (KKT ${formatFigure(stuck.kkt)} after ${stuck.iterations} iterations); on the equilibrated system it converges in ${find(7, "RK equilibrated").iterations}.`,
        difficulty: `‖K‖²_F/σ_min² grows from ${hard(3)} to ${hard(7)} and ${hard(15)}; equilibrated ${eased(3)}, ${eased(7)} and ${eased(15)}.`,
        work: `Flops of the equilibrated row sketch against one dense factorization, ${both}. Both grow like N⁶: the sketch does not pay here at any size tried.`,
      },
      summary: [
        `3 x 3 points: RK ends in ${rk.iterations} outer iterations and GV in ${gv.iterations} (the paper: 3 and 4), the exact solver in 1; f = ${rk.value.toFixed(6)}.`,
        `Plain row sketches do not scale with the grid: the number that governs them goes from ${hard(3)} (N = 3) to ${hard(15)} (N = 15). Equilibration brings the latter to ${eased(15)}.`,
        `An honest comparison of work to 1e-6, equilibrated sparse row sketch against dense LU: ${both} flops. What the sketch saves on this problem is memory, not work.`,
      ],
    };
  },
});
