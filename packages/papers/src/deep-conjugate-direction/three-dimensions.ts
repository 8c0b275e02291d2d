import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, type ExperimentRun, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { heatPlot, linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { directionsOf, shippedNetwork, type TrainedNetwork } from "./networks.ts";
import { domainOf, type Geometry, type RightSide, rightSideOf } from "./problems.ts";
import { drawResiduals } from "./residual-field.ts";
import {
  countText,
  iterationsOf,
  learnedFor,
  MOST,
  MOST_CLASSICAL,
  middleOf,
  NETWORK,
  orInfinite,
  pathOf,
  solverFor,
  TOLERANCE,
} from "./solvers.ts";
import { trainHere } from "./train-here.ts";

const DIMENSION = 3;
const places = ["empty", "disk", "two disks"] as const satisfies readonly Geometry[];
/** What a disk of the squares is in a cube. */
const names: Readonly<Record<(typeof places)[number], string>> = {
  empty: "empty",
  disk: "sphere",
  "two disks": "two spheres",
};
const sides = ["R1", "R2"] as const satisfies readonly RightSide[];

interface Case {
  readonly geometry: (typeof places)[number];
  readonly rightSide: (typeof sides)[number];
  readonly network: number | null;
  readonly CG: number | null;
  readonly multigrid: number | null;
}

interface Findings {
  readonly N: number;
  readonly trainedHere: boolean;
  readonly cases: readonly Case[];
}

const ratioOf = ({ network, CG }: Case) => orInfinite(network) / orInfinite(CG);

function figuresOf({ cases }: Findings) {
  return {
    ratio: middleOf(cases.map(ratioOf)),
    obstructed: Math.max(...cases.filter(({ geometry }) => geometry !== "empty").map(ratioOf)),
    multigrid: middleOf(cases.map(({ network, multigrid }) => orInfinite(network) / orInfinite(multigrid))),
  };
}

export default defineExperiment({
  description:
    "Neumann’s problem in a cube, as in the paper’s simulations of smoke, on smaller grids: a network trained on the empty cube, on cubes with spheres that it never saw. The pictures show the middle layer of the residual as it shrinks.",
  parameters: z.object({
    N: z
      .union([z.literal(16), z.literal(32)])
      .default(32)
      .describe("cells per side"),
    trainHere: z
      .boolean()
      .default(true)
      .describe(
        "train a network of 16 filters from this seed, instead of taking the one that comes with the paper",
      ),
    steps: z
      .int()
      .min(100)
      .max(5000)
      .default(500)
      .describe("training steps on batches of 4, where one is trained here"),
  }),
  profiles: { quick: { N: 16, trainHere: false }, full: {} },
  seconds: { quick: 7, full: 900 },
  plots: [
    heatPlot("field", "Middle layer of the residual of a plume beside a sphere", "x, cell", "y, cell", {
      series: [NETWORK, "CG"],
      color: { label: "log₁₀ of |r| / max |b|", kind: "sequential" },
    }),
    linePlot("residual", "The same, iteration by iteration", "Iteration", logAxis("‖r‖ / ‖r₀‖"), {
      series: [NETWORK, "CG"],
    }),
  ],

  async *measure({ parameters: { N, trainHere: here, steps }, seed, signal, stage, resumable }) {
    const network = yield* stage("network", async function* (): ExperimentRun<TrainedNetwork> {
      if (!here) return await shippedNetwork("16^3");
      return yield* trainHere({
        N,
        dimension: DIMENSION,
        lanczosSteps: 400,
        vectors: 2000,
        steps,
        batchSize: 4,
        shares: [0, 0.8],
        seed,
        resumable,
        signal,
      });
    });
    const begun = here ? 0.8 : 0;
    const cases: Case[] = [];
    for (const [index, geometry] of places.entries()) {
      yield progress(begun + ((1 - begun) * index) / places.length, names[geometry]);
      cases.push(
        ...(yield* stage(geometry, async function* () {
          const A = domainOf(geometry, N, seed, DIMENSION);
          using source = await directionsOf(network, A);
          const solved: Case[] = [];
          for (const rightSide of sides) {
            const b = rightSideOf(rightSide, A, seed);
            if (geometry === "disk" && rightSide === "R2") yield* drawResiduals(A, b, source);
            const count = async (path: Promise<number[]>) => iterationsOf(await path);
            solved.push({
              geometry,
              rightSide,
              network: await count(pathOf(learnedFor(source, A, b), MOST, signal)),
              CG: await count(pathOf(solverFor("CG", A, b), MOST_CLASSICAL, signal)),
              multigrid: await count(pathOf(solverFor("multigrid", A, b), MOST_CLASSICAL, signal)),
            });
          }
          return solved;
        })),
      );
    }
    yield progress(1, "done");
    return { N, trainedHere: here, cases };
  },

  judge(findings: Findings) {
    const { ratio, obstructed } = figuresOf(findings);
    return [
      check(
        "C1",
        "iterations with the network over those of CG in a cube, median of the systems",
        ratio,
        { atMost: 0.5 },
        criterion(
          "“a small number” is at most half of what the method without a network takes, as on squares",
        ),
      ),
      check(
        "C3",
        "iterations with the network over those of CG around spheres, largest of the systems",
        obstructed,
        { atMost: 0.5 },
        criterion(
          "what holds on the empty cube of the training must hold for every obstacle that was not in it",
        ),
      ),
    ];
  },

  present(findings: Findings) {
    const { N, trainedHere, cases } = findings;
    const { ratio, obstructed, multigrid } = figuresOf(findings);
    return {
      headline: `In a cube of ${N}³ cells the network takes ${formatRounded(ratio)} of the iterations of conjugate gradients (median of ${cases.length} systems), and at most ${formatRounded(obstructed)} of them around spheres that it never saw.`,
      captions: {
        field: "The layer through the middle of the cube; cells of the sphere are left out.",
        residual: `Relative residuals of the same two solutions, to ${TOLERANCE}.`,
      },
      summary: [
        `${trainedHere ? "The network was trained in this run" : "The network comes with the paper"}; the paper’s cubes have 64 to 256 cells per side.`,
        `Multigrid needs no training: the network takes ${formatRounded(multigrid)} times as many iterations (median).`,
      ],
      tables: [
        tableOf(
          "iterations",
          `Iterations to ${TOLERANCE}, ${N} x ${N} x ${N} cells`,
          {
            geometry: "geometry",
            rightSide: "right-hand side",
            network: "network",
            CG: "CG",
            multigrid: "multigrid",
          },
          cases.map(({ geometry, rightSide, network, CG, multigrid: grids }) => ({
            geometry: names[geometry],
            rightSide,
            network: countText(network),
            CG: countText(CG, MOST_CLASSICAL),
            multigrid: countText(grids, MOST_CLASSICAL),
          })),
        ),
      ],
    };
  },
});
