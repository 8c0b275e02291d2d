import type { Method } from "gradus/iterate";
import type { GridOperator } from "gradus/linalg/grids";
import { z } from "zod";
import { formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { directionsOf, shippedNetwork, shippedSizes } from "./networks.ts";
import { domainOf, rightSideOf } from "./problems.ts";
import {
  DEFLATED,
  deflatedFor,
  learnedFor,
  MOST,
  MOST_CLASSICAL,
  NETWORK,
  type Solver,
  type Step,
  solverFor,
  solvers,
  TOLERANCE,
} from "./solvers.ts";

type Timed = Solver | typeof DEFLATED;
const timed: readonly Timed[] = [...solvers, DEFLATED];

interface Run {
  readonly N: number;
  readonly solver: Timed;
  readonly iterations: number;
  /** Per solution, including its preparation (factors, grids, Ritz vectors) but not loading the network. */
  readonly seconds: number;
  /** ||b - A x|| / ||b||, from x. */
  readonly residual: number;
}

interface Findings {
  readonly runs: readonly Run[];
}

/** Solves anew `repeats` times, and once before untimed, which includes compiling; the fastest counts. */
async function fastestOf(
  { repeats, signal }: { readonly repeats: number; readonly signal: AbortSignal },
  { A, b, most }: { readonly A: GridOperator; readonly b: Float64Array; readonly most: number },
  methodOf: () => Method<Step> | Promise<Method<Step>>,
): Promise<Pick<Run, "iterations" | "seconds" | "residual">> {
  let best: Pick<Run, "iterations" | "seconds" | "residual"> | undefined;
  for (let repeat = 0; repeat <= repeats; repeat++) {
    signal.throwIfAborted();
    const begun = performance.now();
    let last: { readonly iterations: number; readonly x: Float64Array } | undefined;
    for await (const iterate of await methodOf()) {
      if (!iterate.done && iterate.iteration < most) continue;
      // x is copied when it is read: once
      last = { iterations: iterate.iteration, x: iterate.x };
      break;
    }
    const seconds = (performance.now() - begun) / 1000;
    if (!last || repeat === 0 || (best && best.seconds <= seconds)) continue;
    const product = new Float64Array(b.length);
    A.apply(last.x, product);
    const residual = size(b.map((value, k) => value - product[k])) / size(b);
    best = { iterations: last.iterations, seconds, residual };
  }
  if (!best) throw new Error("no solution was timed");
  return best;
}

const size = (v: Float64Array) => Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));

function figuresOf({ runs }: Findings) {
  const largest = Math.max(...runs.map(({ N }) => N));
  const at = (solver: Timed) => find(runs, { N: largest, solver });
  const fastest = runs
    .filter(({ N }) => N === largest)
    .reduce((best, run) => (run.seconds < best.seconds ? run : best));
  return { largest, network: at(NETWORK), CG: at("CG"), multigrid: at("multigrid"), fastest };
}

export default defineExperiment({
  description:
    "Seconds to a relative residual of 1e-4 for a plume on the empty box: the networks that come with the paper, conjugate gradients alone, with preconditioners and deflated, and multigrid, all in this library on this machine.",
  parameters: z.object({
    repeats: z.int().min(1).max(20).default(10).describe("solutions of each system; the fastest counts"),
  }),
  profiles: { quick: { repeats: 3 }, full: {} },
  seconds: { quick: 5, full: 15 },
  plots: [
    linePlot("seconds", "Time per solution", logAxis("Cells per side"), logAxis("Seconds"), {
      series: timed,
    }),
    linePlot("iteration", "Time per iteration", logAxis("Cells per side"), logAxis("Seconds"), {
      series: timed,
    }),
  ],

  async *measure({ parameters: { repeats }, seed, signal, stage }) {
    const runs: Run[] = [];
    for (const N of shippedSizes)
      for (const solver of timed) {
        yield progress(runs.length / (shippedSizes.length * timed.length), `${solver}, ${N} cells per side`);
        runs.push(
          yield* stage(`${N} ${solver}`, async function* () {
            const A = domainOf("empty", N, seed);
            const b = rightSideOf("R2", A, seed);
            using source = await directionsOf(await shippedNetwork(N), A);
            const most = solver === NETWORK ? MOST : MOST_CLASSICAL;
            const best = await fastestOf({ repeats, signal }, { A, b, most }, () =>
              solver === NETWORK
                ? learnedFor(source, A, b)
                : solver === DEFLATED
                  ? deflatedFor(A, b)
                  : solverFor(solver, A, b),
            );
            yield point("seconds", solver, N, best.seconds);
            yield point("iteration", solver, N, best.seconds / Math.max(1, best.iterations));
            return { N, solver, ...best };
          }),
        );
      }
    yield progress(1, "done");
    return { runs };
  },

  judge({ runs }: Findings) {
    return [
      ourCheck(
        "largest relative residual of the timed solutions",
        Math.max(...runs.map(({ residual }) => residual)),
        { atMost: 1.001 * TOLERANCE },
        criterion(
          "times are comparable only if all solvers reach the tolerance, by residuals computed from x",
        ),
      ),
    ];
  },

  present(findings: Findings) {
    const { largest, network, CG, multigrid, fastest } = figuresOf(findings);
    const slower = network.seconds / CG.seconds;
    return {
      headline:
        slower >= 1
          ? `In time the network loses: at ${largest} x ${largest} cells it takes ${formatRounded(slower)} times as long as CG, which takes ${formatRounded(CG.iterations / network.iterations)} times the iterations.`
          : `At ${largest} x ${largest} cells the network takes ${formatRounded(slower)} of the time of CG.`,
      captions: {
        seconds: `At ${largest} x ${largest} cells ${fastest.solver} is the fastest, with ${formatRounded(1000 * fastest.seconds)} ms.`,
        iteration: `An iteration with the network takes ${formatRounded(network.seconds / network.iterations / (CG.seconds / CG.iterations))} times as long as one of CG at ${largest} x ${largest} cells.`,
      },
      summary: [
        `Multigrid takes ${formatRounded(1000 * multigrid.seconds)} ms and ${multigrid.iterations} iterations at ${largest} x ${largest} cells, the network ${formatRounded(1000 * network.seconds)} ms and ${network.iterations}.`,
        "The times include preparation (factors, grids, Ritz vectors) but not training or loading the network.",
      ],
      tables: [
        tableOf(
          "seconds",
          "Time and iterations to 1e-4",
          {
            N: "cells per side",
            solver: "solver",
            iterations: "iterations",
            milliseconds: "ms",
            ratio: "time over CG’s",
          },
          findings.runs.map(({ N, solver, iterations, seconds }) => ({
            N,
            solver,
            iterations,
            milliseconds: 1000 * seconds,
            ratio: seconds / find(findings.runs, { N, solver: "CG" as const }).seconds,
          })),
        ),
      ],
    };
  },
});
