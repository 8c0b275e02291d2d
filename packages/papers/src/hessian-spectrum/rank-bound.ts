import {
  exactSpectrum,
  gaussNewtonOperator,
  gaussNewtonSpectrum,
  spectrumStatistics,
  topEigenvalueDeviation,
} from "gradus/curvature";
import { softmaxCurvature } from "gradus/losses";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, point, points, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { compiledByShape } from "./by-shape.ts";
import { orderedSizes } from "./ordered.ts";
import { blobProblem, parameterCount } from "./problems.ts";

const sizes = [
  { rows: 20, classes: 3 },
  { rows: 40, classes: 3 },
  { rows: 20, classes: 5 },
] as const;
const widths = [4, 8, 16, 24] as const;
const inputs = 10;
/** With at least this many parameters per direction, the bound must be reached. */
const ample = 2.2;
/** Number of largest eigenvalues on which the two routes are compared. */
const compared = 5;

type Row = {
  readonly N: number;
  readonly K: number;
  readonly M: number;
  readonly seed: number;
  readonly bound: number;
  readonly rank: number;
  readonly dense: number;
  readonly deviation: number;
};

/** How many networks have enough parameters to reach the bound, and how many of them do. */
function reachOf(rows: readonly Row[]) {
  const enough = rows.filter(({ M, bound }) => M >= ample * bound);
  return { enough: enough.length, reached: enough.filter(({ rank, bound }) => rank === bound).length };
}

const excessOf = (rows: readonly Row[]): number =>
  Math.max(...rows.map(({ rank, dense, bound, M }) => Math.max(rank, dense) - Math.min(M, bound)));

export default defineExperiment({
  description:
    "Takes the Gauss-Newton matrix of softmax networks at their random start, by its M × M entries and by the Gram matrix of its NK factors, and compares its numerical rank with N(K − 1).",
  parameters: z.object({
    seeds: z.int().min(1).max(10).default(1).describe("seeds of data and weights"),
  }),
  profiles: { quick: {}, full: { seeds: 5 } },
  seconds: { quick: 6, full: 30 },
  plots: [
    dotPlot(
      "rank",
      "Rank of the Gauss-Newton matrix against parameters",
      logAxis("parameters M"),
      logAxis("numerical rank"),
      {
        series: sizes.map(({ rows, classes }) => `N = ${rows}, K = ${classes}`),
        references: sizes.map(({ rows, classes }) => `N(K − 1) = ${rows * (classes - 1)}`).slice(0, 2),
      },
    ),
    linePlot(
      "spectrum",
      "Eigenvalues by the Gram route, N = 20, K = 3",
      logAxis("number of the eigenvalue"),
      logAxis("eigenvalue"),
    ),
  ],

  async *measure({ parameters: { seeds }, seed, signal, stage }) {
    const runs = sizes.flatMap((size) =>
      widths.flatMap((width) => repeatSeeds(seed, seeds).map((s) => ({ ...size, width, seed: s }))),
    );
    using gaussNewtons = compiledByShape((problem) =>
      gaussNewtonOperator({ ...problem, curvature: softmaxCurvature }),
    );
    const rows: Row[] = [];
    for (const [index, run] of runs.entries()) {
      const { rows: N, classes: K, width } = run;
      const name = `N = ${N}, K = ${K}, width ${width}, seed ${run.seed}`;
      const measured = yield* stage(name, async function* () {
        yield progress(index / runs.length, name);
        const problem = blobProblem({
          rows: N,
          inputs,
          classes: K,
          hidden: [width, width],
          activation: "tanh",
          seed: run.seed,
        });
        const M = parameterCount(problem);
        const gram = await gaussNewtonSpectrum({ ...problem, curvature: softmaxCurvature }, { signal });
        const { rank } = spectrumStatistics(gram);
        yield point("rank", `N = ${N}, K = ${K}`, M, rank);
        if (N === sizes[0].rows && K === sizes[0].classes && run.seed === runs[0].seed)
          yield points("spectrum", `M = ${M}`, orderedSizes(gram).positive.slice(0, rank));
        const { parameters, data } = problem;
        const G = (await gaussNewtons.of(problem)).at({ parameters, data });
        const dense = await exactSpectrum(G, { signal });
        return { M, dense, gram };
      });
      const { M, dense, gram } = measured;
      const bound = N * (K - 1);
      const { rank } = spectrumStatistics(gram);
      rows.push({
        N,
        K,
        M,
        seed: run.seed,
        bound,
        rank,
        dense: spectrumStatistics(dense).rank,
        deviation: topEigenvalueDeviation(dense, gram, compared),
      });
    }
    const extent = rows.map(({ M }) => M);
    for (const bound of new Set(rows.map((row) => row.bound)))
      yield curve("rank", `N(K − 1) = ${bound}`, [Math.min(...extent), Math.max(...extent)], (x) => ({
        x,
        y: bound,
      }));
    return rows;
  },

  judge(rows) {
    const { enough, reached } = reachOf(rows);
    return [
      check(
        "C6",
        "rank of G, largest excess over min(M, N(K − 1))",
        excessOf(rows),
        { atMost: 0 },
        theorem("rank G ≤ min(M, N(K − 1)), from the decomposition ∇²L = G + R"),
      ),
      ourCheck(
        `share of networks with M ≥ ${ample} N(K − 1) whose G has rank N(K − 1)`,
        reached / enough,
        { equals: 1 },
        criterion("at random weights the N(K − 1) directions are independent where there is room for them"),
      ),
      ourCheck(
        `largest difference of the top ${compared} eigenvalues between the two routes, over λ₁`,
        Math.max(...rows.map(({ deviation }) => deviation)),
        { atMost: 1e-9 },
        criterion("both routes compute the same eigenvalues, up to rounding"),
      ),
    ];
  },

  present(rows) {
    const { enough, reached } = reachOf(rows);
    const excess = excessOf(rows);
    return {
      headline: `${reached} of ${enough} networks with at least ${ample} parameters for each of the N(K − 1) directions have a Gauss-Newton matrix of exactly that rank; ${excess > 0 ? `the bound is exceeded by ${formatRounded(excess)}` : "none exceeds it"}.`,
      captions: {
        rank: "The rank grows with the network until it meets N(K − 1).",
        spectrum: "The N(K − 1) = 40 eigenvalues above rounding span many decades; all others are 0.",
      },
      summary: [
        `${reached} of ${enough} networks with at least ${ample} N(K − 1) parameters reach rank N(K − 1). Where the residuals are small, the Hessian is close to this matrix, so it is nearly singular once M exceeds N(K − 1).`,
      ],
      tables: [
        tableOf(
          "ranks",
          "Numerical rank (eigenvalues above 1e-10 of the largest)",
          {
            N: "N",
            K: "K",
            M: "M",
            seed: "seed",
            bound: "N(K − 1)",
            rank: "rank, Gram route",
            dense: "rank, dense route",
            deviation: "largest relative difference of the top 5",
          },
          rows,
        ),
      ],
    };
  },
});
