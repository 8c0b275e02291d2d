import { z } from "zod";
import { check, formatRounded, inconclusive, ourCheck } from "../check.ts";
import { defineExperiment, point, points, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { directionsOf } from "./networks.ts";
import { domainOf, type RightSide, rightSideOf, rightSides } from "./problems.ts";
import {
  countText,
  iterationsOf,
  learnedFor,
  MOST,
  MOST_CLASSICAL,
  orInfinite,
  pathOf,
  solverFor,
} from "./solvers.ts";
import { type TrainingSet, train } from "./training.ts";

const FILTERS = 8;
/** Training steps from which on a network is judged by the systems it solves. */
const ENOUGH = 1200;
const places = ["empty", "disk"] as const;

interface Count {
  readonly geometry: (typeof places)[number];
  readonly rightSide: RightSide;
  readonly iterations: number | null;
}

interface Trained {
  readonly set: TrainingSet;
  readonly first: number;
  readonly best: number;
  readonly counts: readonly Count[];
}

interface Findings {
  readonly N: number;
  readonly steps: number;
  readonly trained: readonly Trained[];
  readonly CG: readonly Count[];
}

const totalOf = (counts: readonly Count[]) =>
  counts.reduce((sum, { iterations }) => sum + (iterations ?? MOST), 0);

export default defineExperiment({
  description:
    "The same small network is trained on different vectors, without any solution of a linear system: on mixtures of Ritz vectors as in the paper, on A w with random w, and on the smoothest Ritz vectors alone. Then iterations to a relative residual of 1e-4 are counted.",
  parameters: z.object({
    N: z
      .union([z.literal(16), z.literal(32)])
      .default(32)
      .describe("cells per side"),
    steps: z.int().min(100).max(5000).default(1200).describe("training steps on batches of 8"),
    smoothOnly: z.boolean().default(true).describe("train on the smoothest vectors too"),
  }),
  profiles: { quick: { steps: 400, smoothOnly: false }, full: {} },
  seconds: { quick: 12, full: 120 },
  plots: [
    linePlot("loss", "Loss on held-out vectors", "Step", logAxis("Loss"), {
      series: ["Ritz mixtures", "white noise", "smooth only"],
    }),
    linePlot("residual", "A plume around a disk", "Iteration", logAxis("‖r‖ / ‖r₀‖"), {
      series: ["Ritz mixtures", "white noise", "smooth only", "CG"],
    }),
  ],

  async *measure({ parameters: { N, steps, smoothOnly }, seed, signal, stage, resumable }) {
    const sets: TrainingSet[] = ["Ritz mixtures", "white noise"];
    if (smoothOnly) sets.push("smooth only");
    const trained: Trained[] = [];
    for (const [index, set] of sets.entries()) {
      yield progress((0.95 * index) / sets.length, set);
      trained.push(
        yield* stage(set, async function* () {
          const recipe = {
            set,
            architecture: "small",
            filters: FILTERS,
            lanczosSteps: Math.min(400, Math.floor(0.4 * N * N)),
            vectors: 3000,
            steps,
            batchSize: 8,
            learningRate: 2e-3,
            seed,
          } as const;
          const none: number[] = [];
          const { iterate, kept: losses } = yield* resumable("training", {
            method: (resume) => train(domainOf("empty", N, seed), recipe, { resume, signal }),
            kept: none,
            async *each({ steps: taken, metrics }, losses) {
              const loss = metrics?.loss ?? Number.NaN;
              losses.push(loss);
              yield point("loss", set, taken, loss);
              const done = (index + taken / steps) / sets.length;
              yield progress(0.95 * done, `${set}: ${taken} steps`);
            },
          });
          if (!iterate.best) throw new Error("training gave no network");
          const { parameters } = iterate.best.iterate;
          const counts: Count[] = [];
          for (const geometry of places) {
            const A = domainOf(geometry, N, seed);
            using source = await directionsOf({ architecture: "small", filters: FILTERS, parameters }, A);
            for (const rightSide of rightSides) {
              const path = await pathOf(learnedFor(source, A, rightSideOf(rightSide, A, seed)), MOST, signal);
              counts.push({ geometry, rightSide, iterations: iterationsOf(path) });
              if (geometry === "disk" && rightSide === "R2")
                yield points(
                  "residual",
                  set,
                  path.map((y, x) => ({ x, y })),
                );
            }
          }
          return { set, first: losses[0], best: Math.min(...losses), counts };
        }),
      );
    }
    const CG = yield* stage("CG", async function* () {
      const counts: Count[] = [];
      for (const geometry of places) {
        const A = domainOf(geometry, N, seed);
        for (const rightSide of rightSides) {
          const method = solverFor("CG", A, rightSideOf(rightSide, A, seed));
          const path = await pathOf(method, MOST_CLASSICAL, signal);
          counts.push({ geometry, rightSide, iterations: iterationsOf(path) });
          if (geometry === "disk" && rightSide === "R2")
            yield points(
              "residual",
              "CG",
              path.map((y, x) => ({ x, y })),
            );
        }
      }
      return counts;
    });
    yield progress(1, "done");
    return { N, steps, trained, CG };
  },

  judge({ steps, trained, CG }: Findings) {
    const mixtures = find(trained, { set: "Ritz mixtures" as const });
    const noise = find(trained, { set: "white noise" as const });
    const plume = { geometry: "disk", rightSide: "R2" } as const;
    const count = (counts: readonly Count[]) => orInfinite(find(counts, plume).iterations);
    const learned = check(
      "C4",
      "loss at the end over that at the start, without any solution in the training",
      mixtures.best / mixtures.first,
      { atMost: 0.25 },
      criterion(
        "the unsupervised loss must fall to at most a quarter to show that the network learns from it",
      ),
    );
    if (steps < ENOUGH)
      return [
        learned,
        inconclusive(
          "C4",
          "After so short a training the network’s directions are not good enough to solve systems: the full profile trains longer.",
        ),
      ];
    return [
      learned,
      check(
        "C4",
        "iterations over those of CG for a plume around a disk, neither of which is in the training vectors",
        count(mixtures.counts) / count(CG),
        { atMost: 0.5 },
        criterion("what was learned without solutions must save half of the iterations on another problem"),
      ),
      ourCheck(
        "iterations after training on mixtures over those after white noise, all systems",
        totalOf(mixtures.counts) / totalOf(noise.counts),
        { below: 1 },
        criterion("the mixtures are there because white noise lacks the smooth part of the spectrum"),
      ),
    ];
  },

  present({ N, steps, trained, CG }: Findings) {
    const mixtures = find(trained, { set: "Ritz mixtures" as const });
    const noise = find(trained, { set: "white noise" as const });
    const list = trained.map(({ set, best }) => `${set} ${formatRounded(best)}`).join(", ");
    return {
      headline: `Trained for ${steps} steps on mixtures of Ritz vectors, without a single solution, a network takes ${totalOf(mixtures.counts)} iterations for six systems; trained on white noise ${totalOf(noise.counts)}, CG ${totalOf(CG)}.`,
      captions: {
        loss: `Losses on different vectors cannot be compared: ${list}.`,
        residual: `On ${N} x ${N} cells.`,
      },
      summary: [
        ...(steps < ENOUGH
          ? [
              `${steps} steps of training are fewer than the ${formatRounded(ENOUGH)} that the network needs: it fails all at once if it is trained too briefly.`,
            ]
          : []),
        `White noise has the smaller loss, ${formatRounded(noise.best)} against ${formatRounded(mixtures.best)}: local smoothing nearly solves it, and it contains little of the long waves.`,
        `The loss needs only products with A and residuals; an exact line search inside it removes the scale.`,
      ],
      tables: [
        tableOf(
          "counts",
          "Iterations to 1e-4",
          {
            set: "training",
            loss: "loss",
            ...Object.fromEntries(
              CG.map((one) => [`${one.rightSide}${one.geometry}`, `${one.rightSide}, ${one.geometry}`]),
            ),
          },
          [...trained, { set: "CG", best: undefined, counts: CG }].map(({ set, best, counts }) => ({
            set,
            loss: best === undefined ? null : best,
            ...Object.fromEntries(
              counts.map((one) => [
                `${one.rightSide}${one.geometry}`,
                countText(one.iterations, set === "CG" ? MOST_CLASSICAL : MOST),
              ]),
            ),
          })),
        ),
      ],
    };
  },
});
