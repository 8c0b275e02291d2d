import { gaussianRandomField } from "gradus/data";
import { deepONet, diffusionReaction, exportOperator, operatorDataset } from "gradus/operators";
import { randomStream } from "gradus/random";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, type ExperimentEvent, keepForExploration, matrix, point } from "../experiment.ts";
import { criterion, reported } from "../ground.ts";
import { toBase64 } from "../shared/base64.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import {
  axisLabels,
  gridLocations,
  LEARNED,
  moveSource,
  SOLUTION,
  solutionPlot,
  TRUE,
} from "./explore-source.ts";
import { checkpointEvery, learn } from "./learn.ts";
import { LENGTH_SCALE, makePairs } from "./problems.ts";

const FUNCTIONS = "by number of functions";
const POINTS = "by points of a function";

interface Run {
  readonly functions: number;
  readonly points: number;
  readonly test: number;
}

const errorOf = (runs: readonly Run[], functions: number, points: number) =>
  runs.find((run) => run.functions === functions && run.points === points)?.test ?? Number.NaN;

export default defineExperiment({
  description:
    "The solution of a diffusion-reaction equation for a random source, learned from few functions with P random nodes each: test errors by the number of functions and by P.",
  parameters: z.object({
    functions: z
      .array(z.int().min(5).max(1000))
      .min(3)
      .default([25, 50, 100, 200])
      .describe("numbers of training functions"),
    points: z
      .array(z.int().min(1).max(2000))
      .min(2)
      .default([10, 100, 1000])
      .describe("points of each function, P"),
    testFunctions: z.int().min(10).max(10_000).default(1000).describe("test functions"),
    iterations: z.int().min(200).max(500_000).default(50_000).describe("steps of Adam on all data"),
    width: z.int().min(5).max(400).default(100).describe("width of all layers"),
  }),
  profiles: {
    quick: { functions: [10, 20, 40], points: [5, 15, 50], testFunctions: 100, iterations: 1200, width: 50 },
    full: {},
  },
  seconds: { quick: 12, full: 20_000 },
  plots: [
    solutionPlot("One test source: the solution s(x, t) and what is learned of it"),
    linePlot(
      "data",
      "Test error by size of the training set",
      logAxis("functions, or points of each"),
      logAxis("mean squared error"),
      {
        series: [FUNCTIONS, POINTS],
      },
    ),
  ],

  explore: moveSource,

  async *measure({ parameters, seed, signal, stage, resumable }) {
    const { testFunctions, iterations, width } = parameters;
    const [counts, perFunction] = [parameters.functions, parameters.points].map((list) =>
      list.toSorted((a, b) => a - b),
    );
    const [most, widest] = [counts[counts.length - 1], perFunction[perFunction.length - 1]];
    const plan = [
      ...counts.map((functions) => ({ functions, points: widest })),
      ...perFunction.slice(0, -1).map((points) => ({ functions: most, points })),
    ];
    const space = gaussianRandomField({ points: 201, lengthScale: LENGTH_SCALE });
    const operator = diffusionReaction();
    const shown = operatorDataset({
      space,
      operator,
      sensors: 100,
      functions: 1,
      locations: gridLocations,
      stream: randomStream(seed).split("shown"),
    });
    const picture = (series: string, values: ArrayLike<number>): ExperimentEvent =>
      matrix(SOLUTION, series, { rows: axisLabels, columns: axisLabels, values });
    yield picture(TRUE, shown.targets.values);
    const network = deepONet({
      sensors: 100,
      dimension: 2,
      branch: [width, width],
      trunk: [width, width, width],
    });
    const runs: Run[] = [];
    for (const [k, { functions, points }] of plan.entries())
      runs.push(
        yield* stage(`${functions} x ${points}`, async function* () {
          const { data, testData } = makePairs({
            space,
            operator,
            sensors: 100,
            functions,
            testFunctions,
            seed,
            pointsPerFunction: points,
            testPoints: 30,
          });
          const every = checkpointEvery(iterations, 5);
          const training = { network, data, testData, iterations, every, seed, signal, resumable };
          const [from, to] = [k / plan.length, (k + 1) / plan.length];
          const learned = yield* learn({
            ...training,
            model: `${functions} functions with ${points} points`,
            probe: shown,
            drawOutput: (output) => picture(LEARNED, output),
            draw: false,
            from,
            to,
          });
          if (functions === most && points === widest) {
            const { parameters } = learned.best;
            const file = exportOperator({ network, parameters, data, description: "Diffusion and reaction" });
            yield keepForExploration({ file: toBase64(file) });
          }
          if (points === widest) yield point("data", FUNCTIONS, functions, learned.test);
          if (functions === most) yield point("data", POINTS, points, learned.test);
          return { functions, points, test: learned.test };
        }),
      );
    return { runs, counts, perFunction };
  },

  judge({ runs, counts, perFunction }) {
    const [most, widest] = [counts[counts.length - 1], perFunction[perFunction.length - 1]];
    const rows = runs.filter(({ points }) => points === widest);
    const rate = -logLogSlope(
      rows.map(({ functions }) => functions),
      rows.map(({ test }) => test),
    ).slope;
    return [
      check(
        "C6",
        `test error with the fewest functions over the one with the most`,
        errorOf(runs, counts[0], widest) / errorOf(runs, most, widest),
        { atLeast: 4 },
        criterion(
          "four times as many functions at the lower end of the claimed rates, half order, would gain a factor of 2; “falls further” is twice that",
        ),
      ),
      check(
        "C6",
        `test error with the fewest points of a function over the one with the most`,
        errorOf(runs, most, perFunction[0]) / errorOf(runs, most, widest),
        { atLeast: 3 },
        criterion(
          "ten times as many points must gain at least what half order would, a factor of 3.2, up to rounding",
        ),
      ),
      check(
        "C5",
        "rate r of the test error in the number of functions, n⁻ʳ",
        rate,
        { between: [0.5, 4] },
        reported("abstract: polynomial rates from half order to fourth order"),
      ),
      ...(most >= 100 && widest >= 1000
        ? [
            check(
              "C6",
              "test error with 100 functions or more of 1000 points or more",
              errorOf(runs, most, widest),
              { atMost: 5e-5 },
              criterion(
                "the reported order of magnitude is 1e-5; five times it allows for another initialization",
              ),
            ),
          ]
        : []),
    ];
  },

  present({ runs, counts, perFunction }) {
    const [most, widest] = [counts[counts.length - 1], perFunction[perFunction.length - 1]];
    return {
      headline: `From ${most} sources with ${widest} points each the solution of the diffusion-reaction equation is learned to a test error of ${formatRounded(errorOf(runs, most, widest))}; from ${counts[0]} sources it is ${formatRounded(errorOf(runs, counts[0], widest))}.`,
      summary: [
        `With ${most} sources the test error is ${perFunction.map((points) => `${formatRounded(errorOf(runs, most, points))} from ${points} points each`).join(", ")}.`,
        "Training and test sources are different functions throughout.",
      ],
      captions: {
        solution:
          "x increases to the right and t downward from 0. The learned solution is that of the training in progress, and at the end that of the last one.",
        data: "One line varies the number of functions at the largest number of points, the other the points of each function at the largest number of functions.",
      },
      tables: [
        tableOf(
          "runs",
          "Test errors",
          { functions: "functions", points: "points of each", test: "test error" },
          runs,
        ),
      ],
    };
  },
});
