import { geometricMargin } from "gradus/optimize";
import { z } from "zod";
import { check, formatFigure, formatRounded } from "../check.ts";
import { defineExperiment, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { barPlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { type FoundPath, followPath, foundPath, pathTable, stepLabel } from "./path.ts";
import { digitPair, imbalancedImages, nineAgainstRest, type Problem } from "./problems.ts";

const steps = [1, 1e2, 1e6] as const;
const seriesNames = { normalized: "normalized, step β", gd: "LR+GD, step γ" } as const;

interface Case {
  readonly id: string;
  readonly text: string;
  load(): Promise<Problem>;
  readonly images: boolean;
  readonly rare: boolean;
}

const cases: readonly Case[] = [
  {
    id: "digits 9:rest",
    text: "5 nines against 1,617 other digits",
    load: nineAgainstRest,
    images: false,
    rare: true,
  },
  {
    id: "MNIST 3:5",
    text: "5 threes against 800 fives",
    load: () => imbalancedImages(3, 5, 5, 800),
    images: true,
    rare: true,
  },
  {
    id: "MNIST 4:9",
    text: "20 fours against 900 nines",
    load: () => imbalancedImages(4, 20, 9, 900),
    images: true,
    rare: true,
  },
  {
    id: "digits 4v9",
    text: "fours against nines in equal shares",
    load: () => digitPair(4, 9),
    images: false,
    rare: false,
  },
];

/** The findings on one data set, with one path per method and step size. */
interface DataSet {
  readonly id: string;
  readonly mu: number;
  readonly R: number;
  readonly complexity: number;
  readonly normalized: readonly FoundPath[];
  readonly gd: readonly FoundPath[];
}

const caseOf = ({ id }: DataSet) => find(cases, { id });
/** The iterations of LR+GD over those of the normalized method at step size 100. */
const advantageOf = ({ normalized, gd }: DataSet) => {
  const k = steps.indexOf(1e2);
  return gd[k].iterations / normalized[k].iterations;
};

const listed = (values: readonly number[]) => values.map((value) => formatFigure(value)).join(" / ");

export default defineExperiment({
  description:
    "Compares LR+GD and the normalized method on data with one rare class, where few samples stay wrong for long, and on balanced digits as a control.",
  parameters: z.object({
    images: z.boolean().default(true).describe("also MNIST"),
  }),
  testImages: { images: ["mnist"] },
  profiles: { quick: { images: false }, full: {} },
  seconds: { quick: 1, full: 3 },
  plots: [
    barPlot(
      "time",
      "Iterations until separation, by data and step size",
      "data and step size",
      logAxis("iterations T"),
      { series: [seriesNames.normalized, seriesNames.gd] },
    ),
  ],

  async *measure({ parameters: { images }, signal, stage }) {
    const found: DataSet[] = [];
    const used = cases.filter((item) => images || !item.images);
    const problems = await Promise.all(used.map(({ load }) => load()));
    for (const [k, { id, text }] of used.entries()) {
      yield progress(k / used.length, text);
      const problem = problems[k];
      const set = yield* stage(id, async function* () {
        const { mu, R, complexity } = geometricMargin({ A: problem.x, y: problem.y });
        const paths = { normalized: [] as FoundPath[], gd: [] as FoundPath[] };
        for (const step of steps)
          for (const method of ["normalized", "gd"] as const) {
            const path = yield* followPath(problem, { method, step, maxIterations: 20_000, signal });
            yield point("time", seriesNames[method], `${id}, step ${stepLabel(step)}`, path.iterations);
            paths[method].push(foundPath(problem, method, step, path));
          }
        return { mu, R, complexity, ...paths };
      });
      found.push({ id, ...set });
    }
    return found;
  },

  judge(sets) {
    return sets
      .filter((set) => caseOf(set).rare)
      .map((set) =>
        check(
          "C4",
          `${set.id}: iterations of LR+GD over those of the normalized method, step size 100`,
          advantageOf(set),
          { atLeast: 1.5 },
          criterion("“faster” is at least 1.5 times, where one class is rare"),
        ),
      );
  },

  present(sets) {
    const sentences = sets.map(
      (set) =>
        `On ${caseOf(set).text} LR+GD takes ${listed(set.gd.map(({ iterations }) => iterations))} iterations at step sizes ${steps.map(stepLabel).join(" / ")}, the normalized method ${listed(set.normalized.map(({ iterations }) => iterations))} (R²/μ² = ${formatRounded(set.complexity)}).`,
    );
    const balanced = sets.find((set) => !caseOf(set).rare);
    return {
      headline: `At step size 100 LR+GD takes ${sets.map((set) => `${formatRounded(advantageOf(set))} times the iterations of the normalized method on ${caseOf(set).text}`).join(", ")}.`,
      captions: { time: sentences.join(" ") },
      summary: [
        ...sentences,
        ...(balanced
          ? [
              `The normalized method’s bound is a worst case. It says nothing about balanced data, where LR+GD takes ${formatRounded(advantageOf(balanced))} times its iterations.`,
            ]
          : []),
      ],
      tables: [
        pathTable(
          "Paths until separation",
          sets.flatMap(({ normalized, gd }) => normalized.flatMap((path, k) => [path, gd[k]])),
        ),
        tableOf(
          "data",
          "The data",
          { data: "data", text: "classes", n: "n", d: "d", R: "R", mu: "μ", complexity: "R²/μ²" },
          sets.map((set) => ({
            ...set,
            data: set.id,
            text: caseOf(set).text,
            n: set.gd[0].n,
            d: set.gd[0].d,
          })),
        ),
      ],
    };
  },
});
