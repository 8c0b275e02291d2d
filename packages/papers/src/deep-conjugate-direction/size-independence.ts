import type { Method } from "gradus/iterate";
import { z } from "zod";
import { check, formatRounded, inconclusive, ourCheck } from "../check.ts";
import { defineExperiment, type ExperimentRun, point, points, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { directionsOf, shippedNetwork, shippedSizes, type TrainedNetwork } from "./networks.ts";
import { domainOf, plumesOf, rightSideOf } from "./problems.ts";
import {
  countText,
  iterationsOf,
  learnedFor,
  MOST,
  MOST_CLASSICAL,
  medianIterations,
  NETWORK,
  orInfinite,
  pathOf,
  type Step,
  solverFor,
} from "./solvers.ts";
import { lanczosStepsFor, trainHere } from "./train-here.ts";

const OTHER = "network of 32 cells";
/** Sizes whose networks the full profile trains. */
const TRAINED_SIZES = [16, 32, 64] as const;
const places = ["empty", "disk"] as const;
/** A trained network reaches 1e-4 in fewer iterations than this; the control may need more. */
const MOST_CONTROL = 500;

interface Count {
  readonly N: number;
  readonly geometry: (typeof places)[number];
  /** Of the network that was trained on this size, median of the plumes; null where it was not reached. */
  readonly own: number | null;
  /** Of the network for 32 cells. */
  readonly other: number | null;
  readonly CG: number | null;
  readonly multigrid: number | null;
}

interface Findings {
  readonly trainedHere: boolean;
  readonly counts: readonly Count[];
  /** The network for 32 cells on 128 cells per side, which no network was trained for. */
  readonly control: { readonly N: number; readonly other: number | null; readonly CG: number | null };
}

function figuresOf({ counts, control }: Findings) {
  const empty = counts.filter(({ geometry }) => geometry === "empty");
  const power = (of: (count: Count) => number | null) => {
    const [small, large] = [empty[0], empty[empty.length - 1]];
    return Math.log(orInfinite(of(large)) / (of(small) ?? Number.NaN)) / Math.log(large.N / small.N);
  };
  const [before, largest] = empty.slice(-2);
  const own32 = orInfinite(find(counts, { N: 32, geometry: "empty" as const }).own);
  return {
    network: power(({ own }) => own),
    CG: power((count) => count.CG),
    disk: Math.max(
      ...counts
        .filter(({ geometry }) => geometry === "disk")
        .map(({ own, CG }) => orInfinite(own) / orInfinite(CG)),
    ),
    ratio: orInfinite(largest.own) / orInfinite(largest.CG),
    growth: orInfinite(largest.own) / orInfinite(before.own),
    control: orInfinite(control.other) / own32,
    largest,
  };
}

export default defineExperiment({
  description:
    "Iterations to a relative residual of 1e-4 for plumes (the median over their places) on grids of 16 and 32 cells per side (64 too, where networks are trained), with one network for each size, all of the same kind and trained in the same way; and, as a control, the network for 32 cells on the other grids.",
  parameters: z.object({
    plumes: z
      .int()
      .min(1)
      .max(20)
      .default(5)
      .describe("plumes, the first at a fixed place, the others at random ones"),
    trainHere: z
      .boolean()
      .default(false)
      .describe(
        "train networks with 16 filters from this seed instead of using those that come with the paper",
      ),
    steps: z
      .int()
      .min(100)
      .max(10_000)
      .default(2500)
      .describe("training steps, if networks are trained here"),
  }),
  profiles: { quick: {}, full: { trainHere: true } },
  seconds: { quick: 5, full: 1500 },
  plots: [
    linePlot("iterations", "Plumes on the empty box", logAxis("Cells per side"), logAxis("Iterations"), {
      series: [NETWORK, OTHER, "CG", "multigrid"],
      variants: { [OTHER]: NETWORK },
    }),
    linePlot("residual", "Networks on their own sizes", "Iteration", logAxis("‖r‖ / ‖r₀‖")),
  ],

  async *measure({ parameters: { plumes, trainHere: here, steps }, seed, signal, stage, resumable }) {
    const sizes = here ? TRAINED_SIZES : shippedSizes;
    const networks = new Map<number, TrainedNetwork>();
    for (const [index, N] of sizes.entries()) {
      yield progress(here ? (0.9 * index) / sizes.length : 0, `the network for ${N} cells`);
      networks.set(
        N,
        yield* stage(`network ${N}`, async function* (): ExperimentRun<TrainedNetwork> {
          if (N !== 64 && !here) return await shippedNetwork(N);
          return yield* trainHere({
            N,
            dimension: 2,
            lanczosSteps: lanczosStepsFor(N),
            vectors: 3000,
            steps,
            batchSize: 8,
            shares: [(0.9 * index) / sizes.length, (0.9 * (index + 1)) / sizes.length],
            seed,
            resumable,
            signal,
          });
        }),
      );
    }
    const networkFor = (N: number): TrainedNetwork => {
      const network = networks.get(N);
      if (!network) throw new Error(`no network for ${N} cells`);
      return network;
    };

    const counts: Count[] = [];
    for (const N of sizes)
      for (const geometry of places) {
        yield progress(
          here ? 0.92 : counts.length / (2 * sizes.length + 1),
          `${N} cells per side, ${geometry}`,
        );
        counts.push(
          yield* stage(`${N} ${geometry}`, async function* () {
            const A = domainOf(geometry, N, seed);
            using own = await directionsOf(networkFor(N), A);
            using other = await directionsOf(networkFor(32), A);
            const all = plumesOf(A, plumes, seed);
            const medianOf = (most: number, solve: (b: Float64Array) => Method<Step>) =>
              medianIterations(all, most, solve, signal);
            if (geometry === "empty") {
              const path = await pathOf(learnedFor(own, A, all[0]), MOST, signal);
              yield points(
                "residual",
                `${N} cells`,
                path.map((y, x) => ({ x, y })),
              );
            }
            const count: Count = {
              N,
              geometry,
              own: await medianOf(MOST, (b) => learnedFor(own, A, b)),
              other: await medianOf(MOST_CONTROL, (b) => learnedFor(other, A, b)),
              CG: await medianOf(MOST_CLASSICAL, (b) => solverFor("CG", A, b)),
              multigrid: await medianOf(MOST_CLASSICAL, (b) => solverFor("multigrid", A, b)),
            };
            if (geometry === "empty")
              for (const [series, iterations] of [
                [NETWORK, count.own],
                [OTHER, count.other],
                ["CG", count.CG],
                ["multigrid", count.multigrid],
              ] as const)
                if (iterations !== null) yield point("iterations", series, N, iterations);
            return count;
          }),
        );
      }

    yield progress(0.93, "the network for 32 cells on 128 cells per side");
    const control = yield* stage("control", async function* () {
      const N = 128;
      const A = domainOf("empty", N, seed);
      const b = rightSideOf("R2", A, seed);
      using source = await directionsOf(networkFor(32), A);
      const other = iterationsOf(await pathOf(learnedFor(source, A, b), MOST_CONTROL, signal));
      const CG = iterationsOf(await pathOf(solverFor("CG", A, b), MOST_CLASSICAL, signal));
      if (other !== null) yield point("iterations", OTHER, N, other);
      if (CG !== null) yield point("iterations", "CG", N, CG);
      return { N, other, CG };
    });
    yield progress(1, "done");
    return { trainedHere: here, counts, control };
  },

  judge(findings: Findings) {
    const { network, CG, ratio, growth, disk, control, largest } = figuresOf(findings);
    const decided =
      largest.N < 64
        ? [
            inconclusive(
              "C2",
              "Two small sizes do not decide it: the full profile goes to 64 cells per side.",
            ),
          ]
        : [
            check(
              "C2",
              "exponent of the cells per side in the iterations, with one network for each size",
              network,
              { atMost: 0.5 },
              criterion(
                "independence is an exponent of 0; half of CG’s exponent of 1 is the most that still resembles it",
              ),
            ),
            check(
              "C2",
              "iterations with the network on the largest grid over those on half as many cells per side",
              growth,
              { atMost: 1.6 },
              criterion(
                "CG’s double; of the two sizes with the most cells, where a network that is poor on the smallest grid counts for nothing",
              ),
            ),
            check(
              "C2",
              "iterations with the network over those of CG on the largest grid",
              ratio,
              { atMost: 0.25 },
              criterion("a constant count is at most a quarter of CG’s once CG’s has grown"),
            ),
          ];
    return [
      ...decided,
      ourCheck(
        "iterations with the network over those of CG around a disk, largest of the sizes",
        disk,
        { atMost: 0.5 },
        criterion(
          "at every size, half of the saving must remain around an obstacle that was not in the training data",
        ),
      ),
      ourCheck(
        "exponent of the cells per side in the iterations of CG",
        CG,
        { between: [0.9, 1.1] },
        criterion("the square root of the condition number grows with the cells per side"),
      ),
      ourCheck(
        "iterations of the network for 32 cells on 128 x 128 cells over those on 32 x 32",
        control,
        { atLeast: 2 },
        criterion(
          "the control: the claim is not about one network for all sizes, whose count should at least double",
        ),
      ),
    ];
  },

  present(findings: Findings) {
    const { trainedHere, counts, control } = findings;
    const { network, CG, largest, control: growth } = figuresOf(findings);
    return {
      headline: `With one network for each size, iterations scale with exponent ${formatRounded(network)} in the cells per side, against ${formatRounded(CG)} for CG: ${countText(largest.own)} iterations against ${countText(largest.CG, MOST_CLASSICAL)} on ${largest.N} x ${largest.N} cells.`,
      captions: {
        iterations: `Dashed: the network for 32 cells on other sizes, where its count does depend on the size: ${countText(control.other, MOST_CONTROL)} iterations on ${control.N} x ${control.N} cells, ${formatRounded(growth)} times those on 32 x 32.`,
        residual: `Each network on the size that it was trained on${trainedHere ? ", trained in this run" : ""}.`,
      },
      summary: [
        "The counts can be independent of the size only with one network per size, as in the authors’ code; training on 64 x 64 cells takes about five times as long as on 32 x 32.",
        "The paper’s sizes are 64³ to 256³ in three dimensions; these are squares.",
        "Multigrid’s counts do not grow either, and it needs no training.",
      ],
      tables: [
        tableOf(
          "counts",
          "Iterations to 1e-4 for plumes, medians",
          {
            N: "cells per side",
            geometry: "geometry",
            own: "network of this size",
            other: "network of 32 cells",
            CG: "CG",
            multigrid: "multigrid",
          },
          [...counts, { ...control, geometry: "empty" as const, own: undefined, multigrid: undefined }].map(
            (one) => ({
              N: one.N,
              geometry: one.geometry,
              own: one.own === undefined ? null : countText(one.own),
              other: countText(one.other, MOST_CONTROL),
              CG: countText(one.CG, MOST_CLASSICAL),
              multigrid: one.multigrid === undefined ? null : countText(one.multigrid),
            }),
          ),
        ),
      ],
    };
  },
});
