import {
  denseMatrix,
  gmres,
  matrixOperator,
  minres,
  multiply,
  norm2,
  symmetricEigenvalues,
} from "gradus/linalg";
import { type SketchKind, sketchAndProject } from "gradus/optimize";
import { randomStream } from "gradus/random";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";

const TOLERANCE = 1e-6;
const sizes = [
  [40, 10],
  [80, 20],
  [160, 40],
  [320, 80],
  [640, 160],
  [1280, 320],
] as const;

interface Cost {
  readonly steps: number;
  readonly flops: number;
  /** Numbers stored in addition to K, b and the solution. */
  readonly storage: number;
}

interface SizeResult {
  readonly d: number;
  /** ||K||_F^2 / sigma_min^2. */
  readonly difficulty: number;
  readonly costs: Readonly<Record<string, Cost>>;
}

/** K = [[B, G^T], [G, 0]],  B = Q diag(1 .. 3) Q^T,  G = 1.5 times m orthonormal rows; Gaussian right-hand sides. */
function system(n: number, m: number, seed: number) {
  const stream = randomStream(seed).split(`${n} ${m}`);
  const d = n + m;
  const Q = stream.orthogonal(n);
  const { values: G } = stream.orthogonal(m, n);
  const K = new Float64Array(d * d);
  const scaledRow = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) scaledRow[k] = Q.values[i * n + k] * (1 + (2 * k) / (n - 1));
    const row = multiply(Q, scaledRow);
    K.set(row, i * d);
    for (let k = 0; k < m; k++) {
      K[i * d + n + k] = 1.5 * G[k * n + i];
      K[(n + k) * d + i] = 1.5 * G[k * n + i];
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) K[i * d + j] = K[j * d + i]; // symmetric to the last bit
  return { d, K, rightSide: () => stream.fillNormal(new Float64Array(d)) };
}

async function rowSteps(K: Float64Array, b: Float64Array, sketch: SketchKind, seed: number): Promise<Cost> {
  const d = b.length;
  let cost: Cost = { steps: 0, flops: 0, storage: 0 };
  for await (const { steps, flops, storage } of sketchAndProject({ rows: d, columns: d, values: K }, b, {
    sketch,
    seed,
    relativeTolerance: TOLERANCE,
  }))
    cost = { steps, flops, storage };
  return cost;
}

/** Restarted GMRES: 2 d^2 flops per product, of which a cycle makes one more than its steps. */
async function gmresCost(K: Float64Array, b: Float64Array, restart: number): Promise<Cost> {
  const d = b.length;
  let iterations = 0;
  for await (const { iteration } of gmres(matrixOperator(denseMatrix(K, d, d)), b, {
    restart,
    relativeTolerance: TOLERANCE,
  }))
    iterations = iteration;
  const products = iterations + Math.ceil(iterations / restart);
  return { steps: iterations, flops: products * 2 * d * d, storage: (Math.min(restart, iterations) + 1) * d };
}

async function minresCost(K: Float64Array, b: Float64Array): Promise<Cost> {
  const d = b.length;
  let iterations = 0;
  const operator = matrixOperator(denseMatrix(K, d, d), { symmetric: true });
  for await (const { iteration } of minres(operator, b, { relativeTolerance: TOLERANCE }))
    iterations = iteration;
  return { steps: iterations, flops: iterations * 2 * d * d, storage: 5 * d };
}

const mean = (costs: readonly Cost[]): Cost => ({
  steps: costs.reduce((sum, { steps }) => sum + steps, 0) / costs.length,
  flops: costs.reduce((sum, { flops }) => sum + flops, 0) / costs.length,
  storage: Math.max(...costs.map(({ storage }) => storage)),
});

const methods = [
  "RK, uniform rows",
  "RK, norm-weighted rows",
  "GMRES(2)",
  "full GMRES",
  "MINRES",
  "dense LU",
] as const;

export default defineExperiment({
  description:
    "Solves well-conditioned Newton systems of growing size to a relative residual of 1e-6 and counts steps, flops and extra memory.",
  parameters: z.object({
    sizes: z.int().min(1).max(sizes.length).default(sizes.length).describe("sizes, from n = 40 doubling"),
    seeds: z.int().min(1).max(50).default(10).describe("right-hand sides, each with its own seed"),
  }),
  profiles: { quick: { sizes: 3 }, full: {} },
  seconds: { quick: 2, full: 60 },
  plots: [
    linePlot("flops", "Flops to a relative residual of 1e-6", logAxis("order d = n + m"), logAxis("flops"), {
      series: methods,
    }),
    linePlot(
      "steps",
      "Row steps, and the bound for norm-weighted rows",
      logAxis("order d = n + m"),
      logAxis("row steps"),
      { series: ["RK, uniform rows", "RK, norm-weighted rows", "bound"], references: ["bound"] },
    ),
    linePlot("storage", "Numbers kept beside the matrix", logAxis("order d = n + m"), logAxis("numbers"), {
      series: methods,
    }),
  ],

  async *measure({ parameters: { sizes: count, seeds }, seed, stage }) {
    const results: SizeResult[] = [];
    for (const [s, [n, m]] of sizes.slice(0, count).entries()) {
      yield progress(s / count, `n = ${n}, m = ${m}`);
      const result = yield* stage(`${n}`, async function* () {
        const { d, K, rightSide } = system(n, m, seed);
        const rightSides = Array.from({ length: seeds }, rightSide);
        const values = symmetricEigenvalues(denseMatrix(K, d, d));
        const least = values.reduce(
          (size, value) => Math.min(size, Math.abs(value)),
          Number.POSITIVE_INFINITY,
        );
        async function repeated(solve: (b: Float64Array, k: number) => Promise<Cost>): Promise<Cost> {
          const costs: Cost[] = [];
          for (const [k, b] of rightSides.entries()) costs.push(await solve(b, k));
          return mean(costs);
        }
        const rows = (sketch: SketchKind) => repeated((b, k) => rowSteps(K, b, sketch, seed + k));
        const uniform = await rows("kaczmarz");
        yield progress((s + 0.4) / count, `n = ${n}, m = ${m}: norm-weighted rows`);
        const weighted = await rows("kaczmarz-weighted");
        yield progress((s + 0.8) / count, `n = ${n}, m = ${m}: Krylov methods`);
        const costs: Record<(typeof methods)[number], Cost> = {
          "RK, uniform rows": uniform,
          "RK, norm-weighted rows": weighted,
          "GMRES(2)": await repeated((b) => gmresCost(K, b, 2)),
          "full GMRES": await repeated((b) => gmresCost(K, b, d)),
          MINRES: await repeated((b) => minresCost(K, b)),
          "dense LU": { steps: 1, flops: (2 * d ** 3) / 3, storage: d * d },
        };
        return { d, difficulty: norm2(K) ** 2 / least ** 2, costs };
      });
      results.push(result);
      for (const name of methods) {
        yield point("flops", name, result.d, result.costs[name].flops);
        yield point("storage", name, result.d, result.costs[name].storage);
      }
      for (const name of methods.slice(0, 2)) yield point("steps", name, result.d, result.costs[name].steps);
      yield point("steps", "bound", result.d, Math.log(TOLERANCE ** -2) * result.difficulty);
    }
    return { seeds, results };
  },

  judge({ results }) {
    const perStep = ({ steps, flops }: Cost) => flops / steps;
    return results.flatMap(({ d, difficulty, costs }) => {
      const row = costs["RK, uniform rows"];
      return [
        check(
          "C4",
          `d = ${d}: flops of a row step over those of a GMRES(2) step`,
          perStep(row) / perStep(costs["GMRES(2)"]),
          { atMost: 0.5 },
          criterion("“far fewer” is at most half"),
        ),
        check(
          "C4",
          `d = ${d}: numbers kept by row steps over those of full GMRES`,
          row.storage / costs["full GMRES"].storage,
          { atMost: 0.5 },
          criterion("less storage than a growing basis stands apart: at most half"),
        ),
        ourCheck(
          `d = ${d}: mean steps of norm-weighted RK over ln(1e12) ‖K‖²_F/σ_min²`,
          costs["RK, norm-weighted rows"].steps / (Math.log(TOLERANCE ** -2) * difficulty),
          { atMost: 1 },
          criterion("the rate proved for the expected squared error, applied to residuals"),
        ),
      ];
    });
  },

  present({ seeds, results }) {
    const share = ({ costs }: SizeResult, name: (typeof methods)[number]) =>
      costs["RK, uniform rows"].flops / costs[name].flops;
    const last = results[results.length - 1];
    const each = (name: (typeof methods)[number]) =>
      results.map((result) => `${formatRounded(share(result, name))} at d = ${result.d}`).join(", ");
    const { steps: rowSteps, flops: rowFlops, storage } = last.costs["RK, uniform rows"];
    const { steps: krylovSteps, flops: krylovFlops } = last.costs["GMRES(2)"];
    return {
      headline: `At d = ${last.d} a row step costs ${formatRounded(Math.round(rowFlops / rowSteps))} flops where a step of GMRES(2) costs ${formatRounded(Math.round(krylovFlops / krylovSteps))}; a whole solve takes ${formatRounded(share(last, "GMRES(2)"))} times the flops of GMRES(2) and ${formatRounded(share(last, "MINRES"))} times those of MINRES.`,
      captions: {
        flops: `Flops of uniform row sketches over those of GMRES(2): ${each("GMRES(2)")}. Over full GMRES: ${each("full GMRES")}; over MINRES: ${each("MINRES")}; over a dense LU: ${each("dense LU")}.`,
        steps: `At d = ${last.d} norm-weighted rows take ${formatRounded(last.costs["RK, norm-weighted rows"].steps)} steps; the bound is ln(1e12) ‖K‖²_F/σ_min².`,
        storage: `Row sketches keep ${formatRounded(storage / last.d)} d numbers for any number of steps, GMRES(2) ${formatRounded(last.costs["GMRES(2)"].storage / last.d)} d, full GMRES ${formatRounded(last.costs["full GMRES"].storage / last.d)} d.`,
      },
      summary: [
        "The claim is about one step. A row step costs 4d flops where a product costs 2d², but the number of row steps grows with d.",
        `Over whole solves at d = ${last.d} the row sketch takes ${formatRounded(share(last, "full GMRES"))} times the flops of full GMRES and ${formatRounded(share(last, "dense LU"))} times those of a dense LU.`,
      ],
      tables: [
        tableOf(
          "costs",
          `To a relative residual of 1e-6, means over ${seeds} right-hand sides`,
          {
            ...{ d: "d", method: "method", steps: "steps", flops: "flops" },
            ...{ storage: "extra numbers over d" },
          },
          results.flatMap(({ d, costs }) =>
            methods.map((method) => ({
              d,
              method,
              steps: costs[method].steps,
              flops: costs[method].flops,
              storage: costs[method].storage / d,
            })),
          ),
        ),
      ],
    };
  },
});
