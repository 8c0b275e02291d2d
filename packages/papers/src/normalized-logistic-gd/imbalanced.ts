import { geometricMargin } from "gradus/optimize";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, point, progress, table } from "../experiment.ts";
import { followPath, type PathSummary, pathColumns, pathRow, stepLabel } from "./path.ts";
import { digitPair, imbalancedImages, nineAgainstRest, type Problem } from "./problems.ts";

const steps = [1, 1e2, 1e6] as const;
const seriesNames = { normalized: "normalized, step β", gd: "LR+GD, step γ" } as const;

interface Case {
  readonly id: string;
  readonly text: string;
  load(): Promise<Problem>;
  readonly images: boolean;
  /** At step 100, LR+GD must need at least this many times the iterations of the normalized method. */
  readonly advantage?: number;
  /** At step 100, the normalized method may need at most this many times the iterations of LR+GD. */
  readonly disadvantage?: number;
}

const cases: readonly Case[] = [
  {
    id: "digits 9:rest",
    text: "5 nines against 1617 other digits",
    load: nineAgainstRest,
    images: false,
    advantage: 5,
  },
  {
    id: "MNIST 3:5",
    text: "5 threes against 800 fives",
    load: () => imbalancedImages(3, 5, 5, 800),
    images: true,
    advantage: 3,
  },
  {
    id: "MNIST 4:9",
    text: "20 fours against 900 nines",
    load: () => imbalancedImages(4, 20, 9, 900),
    images: true,
  },
  {
    id: "digits 4v9",
    text: "As a control, fours against nines in equal shares",
    load: () => digitPair(4, 9),
    images: false,
    disadvantage: 3,
  },
];

interface Times {
  readonly step: number;
  readonly normalized: PathSummary;
  readonly gd: PathSummary;
}

const listed = (values: readonly number[]) => values.map((value) => formatFigure(value)).join(" / ");

export default defineExperiment({
  id: "imbalanced",
  title: "Where normalization helps: rare classes",
  description:
    "Compares LR+GD and the normalized method on data with one rare class, where few samples stay wrong for long, and on balanced digits as a control.",
  claims: ["C4"],
  parameters: z.object({
    images: z.boolean().default(true).describe("also MNIST (from GRADUS_DATA_DIR)"),
  }),
  dataDirectory: ["images"],
  profiles: { quick: { images: false }, full: {} },
  seconds: { quick: 1, full: 3 },
  plots: [
    {
      id: "time",
      title: "Iterations until separation, by data and step",
      x: { label: "data and step" },
      y: { label: "iterations T", scale: "log" },
      mark: "bar",
      series: [seriesNames.normalized, seriesNames.gd],
    },
  ],

  async *run({ parameters: { images }, signal, stage }) {
    const checks: Check[] = [];
    const pathRows: ReturnType<typeof pathRow>[] = [];
    const dataRows: Record<string, number | string>[] = [];
    const sentences: string[] = [];
    const used = cases.filter((item) => images || !item.images);
    const problems = await Promise.all(used.map(({ load }) => load()));
    for (const [k, { id, text, advantage, disadvantage }] of used.entries()) {
      yield progress(k / used.length, text);
      const problem = problems[k];
      const { times, geometry } = yield* stage(id, async function* () {
        const { mu, R, complexity } = geometricMargin({ A: problem.x, y: problem.y });
        const times: Times[] = [];
        for (const step of steps) {
          const options = { step, maxIterations: 20_000, signal };
          const normalized = yield* followPath(problem, { ...options, method: "normalized" });
          yield point(
            "time",
            seriesNames.normalized,
            `${id}, step ${stepLabel(step)}`,
            normalized.iterations,
          );
          const gd = yield* followPath(problem, { ...options, method: "gd" });
          yield point("time", seriesNames.gd, `${id}, step ${stepLabel(step)}`, gd.iterations);
          times.push({ step, normalized, gd });
        }
        return { times, geometry: { mu, R, complexity } };
      });
      for (const { step, normalized, gd } of times)
        pathRows.push(pathRow(problem, "normalized", step, normalized), pathRow(problem, "gd", step, gd));
      dataRows.push({ data: id, text, n: problem.x.rows, d: problem.x.columns, ...geometry });
      yield table({
        id: "paths",
        title: "Paths until separation",
        columns: pathColumns,
        rows: [...pathRows],
      });
      yield table({
        id: "data",
        title: "The data",
        columns: [
          { key: "data", label: "data" },
          { key: "text", label: "classes" },
          { key: "n", label: "n" },
          { key: "d", label: "d" },
          { key: "R", label: "R" },
          { key: "mu", label: "μ" },
          { key: "complexity", label: "R²/μ²" },
        ],
        rows: [...dataRows],
      });
      const moderate = times[steps.indexOf(1e2)];
      const ratio = moderate.gd.iterations / moderate.normalized.iterations;
      if (advantage !== undefined)
        checks.push(
          check("C4", `${id}: T of LR+GD over T of normalized, step 100`, ratio, { atLeast: advantage }),
        );
      if (disadvantage !== undefined)
        checks.push(
          check("C4", `${id} (control): T of normalized over T of LR+GD, step 100`, 1 / ratio, {
            atMost: disadvantage,
          }),
        );
      sentences.push(
        `${text}: LR+GD needs ${listed(times.map(({ gd }) => gd.iterations))} iterations at steps ${steps.map(stepLabel).join(" / ")}, the normalized method ${listed(times.map(({ normalized }) => normalized.iterations))} (R²/μ² = ${formatFigure(geometry.complexity)}).`,
      );
    }
    yield progress(1, "done");
    return {
      checks,
      captions: {
        time: sentences.join(" "),
      },
      summary: [
        ...sentences,
        "The bound of the normalized method is about the worst case: it pays where a class is rare, and does not on easy balanced data.",
      ],
    };
  },
});
