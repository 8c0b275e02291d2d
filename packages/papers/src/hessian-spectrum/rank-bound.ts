import {
  exactSpectrum,
  gaussNewtonOperator,
  gaussNewtonSpectrum,
  spectrumStatistics,
  topEigenvalueDeviation,
} from "gradus/curvature";
import { softmaxCurvature } from "gradus/losses";
import { z } from "zod";
import { check } from "../check.ts";
import { defineExperiment, point, points, progress, table } from "../experiment.ts";
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
/** From this many parameters a direction on, the bound must be reached. */
const ample = 2.2;
/** How many of the largest eigenvalues the two routes are compared on. */
const compared = 5;

export default defineExperiment({
  id: "rank-bound",
  title: "The Gauss-Newton part has at most N(K − 1) directions",
  description:
    "Takes the Gauss-Newton matrix of softmax networks at their random start, by its M × M entries and by the Gram matrix of its NK factors, and sets its numerical rank against N(K − 1).",
  claims: ["C6"],
  parameters: z.object({
    seeds: z.int().min(1).max(10).default(1).describe("seeds of data and weights"),
  }),
  profiles: { quick: {}, full: { seeds: 5 } },
  seconds: { quick: 6, full: 30 },
  plots: [
    {
      id: "rank",
      title: "Rank of the Gauss-Newton matrix against parameters",
      x: { label: "parameters M", scale: "log" },
      y: { label: "numerical rank", scale: "log" },
      mark: "dot",
      series: sizes.map(({ rows, classes }) => `N = ${rows}, K = ${classes}`),
      references: sizes.map(({ rows, classes }) => `N(K − 1) = ${rows * (classes - 1)}`).slice(0, 2),
    },
    {
      id: "spectrum",
      title: "Eigenvalues by the Gram route, N = 20, K = 3",
      x: { label: "number of the eigenvalue", scale: "log" },
      y: { label: "eigenvalue", scale: "log" },
      mark: "line",
    },
  ],

  async *run({ parameters: { seeds }, seed, signal, stage }) {
    const runs = sizes.flatMap((size) =>
      widths.flatMap((width) =>
        Array.from({ length: seeds }, (_, k) => ({ ...size, width, seed: seed + k })),
      ),
    );
    using gaussNewtons = compiledByShape((problem) =>
      gaussNewtonOperator({ ...problem, curvature: softmaxCurvature }),
    );
    const rows = [];
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
        if (N === sizes[0].rows && K === sizes[0].classes && run.seed === seed)
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
      yield points("rank", `N(K − 1) = ${bound}`, [
        { x: Math.min(...extent), y: bound },
        { x: Math.max(...extent), y: bound },
      ]);
    yield table({
      id: "ranks",
      title: "Numerical rank (eigenvalues above 1e-10 of the largest)",
      columns: [
        { key: "N", label: "N" },
        { key: "K", label: "K" },
        { key: "M", label: "M" },
        { key: "seed", label: "seed" },
        { key: "bound", label: "N(K − 1)" },
        { key: "rank", label: "rank, Gram route" },
        { key: "dense", label: "rank, dense route" },
        { key: "deviation", label: "largest relative difference of the top 5" },
      ],
      rows,
    });
    const ampleRows = rows.filter(({ M, bound }) => M >= ample * bound);
    const reached = ampleRows.filter(({ rank, bound }) => rank === bound).length;
    yield progress(1, "done");
    return {
      checks: [
        check(
          "C6",
          "largest excess of the rank over min(M, N(K − 1))",
          Math.max(...rows.map(({ rank, dense, bound, M }) => Math.max(rank, dense) - Math.min(M, bound))),
          { atMost: 0 },
        ),
        check(
          "C6",
          `networks with M ≥ ${ample} N(K − 1) that reach N(K − 1), of ${ampleRows.length}`,
          reached,
          {
            equals: ampleRows.length,
          },
        ),
        check(
          "C6",
          `largest difference of the top ${compared} eigenvalues between the two routes, over λ₁`,
          Math.max(...rows.map(({ deviation }) => deviation)),
          { atMost: 1e-9 },
        ),
      ],
      captions: {
        rank: "The rank grows with the network until it meets N(K − 1), and stays there.",
        spectrum: "The N(K − 1) = 40 eigenvalues that are not rounding, over many decades: all others are 0.",
      },
      summary: [
        `${reached} of ${ampleRows.length} networks with at least ${ample} parameters a direction have rank N(K − 1) exactly; none has more. Where the residuals are small, the Hessian is this matrix: nearly singular once M exceeds N(K − 1).`,
      ],
    };
  },
});
