import { gaussianWithMargin } from "gradus/data";
import { type BoundedMethod, geometricMargin, perceptronBounds } from "gradus/optimize";
import { randomStream } from "gradus/random";
import { z } from "zod";
import { check, formatFigure } from "../check.ts";
import { defineExperiment, point, points, progress, table } from "../experiment.ts";
import { followPath, methodLabel } from "./path.ts";
import { digitPair, hardSet, type Problem } from "./problems.ts";

interface Contender {
  readonly method: BoundedMethod;
  readonly step: number;
  readonly claim: "C3" | "C4";
}

const contenders: readonly Contender[] = [
  { method: "normalized", step: 1, claim: "C4" },
  { method: "normalized", step: 1e6, claim: "C4" },
  { method: "gd", step: 1, claim: "C3" },
  { method: "gd", step: 1e6, claim: "C3" },
  { method: "batch-perceptron", step: 1, claim: "C3" },
  { method: "normalized-batch-perceptron", step: 1, claim: "C4" },
  { method: "gradient-normalized", step: 1e6, claim: "C4" },
  { method: "perceptron", step: 1, claim: "C4" },
];
const labels = contenders.map(({ method, step }) => methodLabel(method, step));

/** A random separable set: Gaussian rows away from a hyperplane, each scaled by e^{0.25 z}. */
function randomSet(seed: number, index: number): Problem {
  const stream = randomStream(seed).split(`set ${index}`);
  const n = 10 + stream.integer(291);
  const d = 2 + stream.integer(29);
  const margin = stream.uniform(0.1, 0.5);
  const { x, y } = gaussianWithMargin({ n, d, margin, seed: stream.integer(2 ** 31) });
  for (let i = 0; i < n; i++) {
    const scale = Math.exp(0.25 * stream.normal());
    for (let j = 0; j < d; j++) x.values[i * d + j] *= scale;
  }
  return { name: `set ${index + 1}`, x, y };
}

/** Times and bounds of every method, in the order of `contenders`. */
interface Measured {
  readonly complexity: number;
  readonly times: readonly number[];
  readonly bounds: readonly number[];
}

export default defineExperiment({
  id: "bounds",
  title: "Every bound, on random separable data",
  description:
    "Draws random separable sets, computes their margin exactly and compares the iterations of every method with its proved bound.",
  claims: ["C3", "C4"],
  parameters: z.object({
    sets: z.int().min(1).max(10_000).default(300).describe("random sets"),
  }),
  profiles: { quick: { sets: 30 }, full: {} },
  seconds: { quick: 1, full: 2 },
  plots: [
    {
      id: "time",
      title: "Iterations until separation against R²/μ²",
      x: { label: "R²/μ²", scale: "log" },
      y: { label: "iterations T", scale: "log" },
      mark: "dot",
      series: labels,
      references: ["T = R²/μ²"],
    },
    {
      id: "ratio",
      title: "Share of the bound that was used",
      x: { label: "R²/μ²", scale: "log" },
      y: { label: "T / bound", scale: "log" },
      mark: "dot",
      series: labels,
      references: ["bound"],
    },
  ],

  async *run({ parameters: { sets }, seed, signal, stage }) {
    async function* measure(problem: Problem) {
      const { mu, R, complexity } = geometricMargin({ A: problem.x, y: problem.y });
      const times: number[] = [];
      const bounds: number[] = [];
      for (const { method, step } of contenders) {
        const bound = perceptronBounds({ method, step, n: problem.x.rows, R, mu });
        const path = yield* followPath(problem, {
          method,
          step,
          maxIterations: Math.ceil(bound) + 1,
          signal,
        });
        bounds.push(bound);
        // One step a mistake for the online perceptron; a run cut off after the bound still counts as above it.
        times.push(path.updates);
      }
      return { complexity, times, bounds } satisfies Measured;
    }

    const measured: Measured[] = [];
    for (let index = 0; index < sets; index++) {
      yield progress((0.8 * index) / sets, `set ${index + 1} of ${sets}`);
      measured.push(
        yield* stage(`set ${index}`, async function* () {
          const result = yield* measure(randomSet(seed, index));
          for (const [k, label] of labels.entries()) {
            yield point("time", label, result.complexity, result.times[k]);
            yield point("ratio", label, result.complexity, result.times[k] / result.bounds[k]);
          }
          return result;
        }),
      );
    }
    const complexities = measured.map(({ complexity }) => complexity);
    const ends = [Math.min(...complexities), Math.max(...complexities)];
    yield points(
      "time",
      "T = R²/μ²",
      ends.map((x) => ({ x, y: x })),
    );
    yield points(
      "ratio",
      "bound",
      ends.map((x) => ({ x, y: 1 })),
    );

    const named: [string, Measured][] = [];
    for (const problem of [hardSet(1000), await digitPair(1, 8)]) {
      yield progress(0.8 + 0.1 * named.length, problem.name);
      named.push([problem.name, yield* stage(problem.name, () => measure(problem))]);
    }
    const all = [...measured, ...named.map(([, result]) => result)];
    const largestRatio = contenders.map((_, k) =>
      Math.max(...all.map(({ times, bounds }) => times[k] / bounds[k])),
    );
    yield table({
      id: "complexity",
      title: "Iterations to separate (updates for the online perceptron), and the proved bounds",
      columns: [
        { key: "method", label: "method" },
        ...named.flatMap(([name], i) => [
          { key: `T${i}`, label: `T, ${name}` },
          { key: `bound${i}`, label: `bound, ${name}` },
        ]),
        { key: "ratio", label: `largest T/bound over ${all.length} sets` },
      ],
      rows: contenders.map((_, k) => ({
        method: labels[k],
        ...Object.fromEntries(
          named.flatMap(([, { times, bounds }], i) => [
            [`T${i}`, times[k]],
            [`bound${i}`, bounds[k]],
          ]),
        ),
        ratio: largestRatio[k],
      })),
    });
    yield progress(1, "done");

    const violations = contenders.map(
      (_, k) => all.filter(({ times, bounds }) => times[k] > bounds[k] * (1 + 1e-9)).length,
    );
    const ratioOf = (method: BoundedMethod) =>
      Math.max(...largestRatio.filter((_, k) => contenders[k].method === method));
    return {
      checks: [
        ...contenders.map(({ claim }, k) =>
          check(claim, `${labels[k]}: sets of ${all.length} on which T is above the bound`, violations[k], {
            equals: 0,
          }),
        ),
        check(
          "C4",
          "normalized: largest share of the bound used, so that the test is not empty",
          ratioOf("normalized"),
          {
            atLeast: 1e-3,
          },
        ),
      ],
      captions: {
        time: `R²/μ² runs from ${formatFigure(ends[0])} to ${formatFigure(ends[1])} over ${sets} random sets; the methods without the factor n stay below the dashed line once their step is large.`,
        ratio: `The normalized method uses at most ${formatFigure(ratioOf("normalized"))} of its bound, LR+GD at most ${formatFigure(ratioOf("gd"))}.`,
      },
      summary: [
        `${violations.reduce((sum, count) => sum + count, 0)} of ${contenders.length * all.length} runs exceed their bound. Random data are easier than the worst case; the largest T/bound is ${labels.map((label, k) => `${formatFigure(largestRatio[k])} (${label})`).join(", ")}.`,
        ...named.map(
          ([name, { complexity, times }]) =>
            `Iterations on ${name} (R²/μ² = ${formatFigure(complexity)}): ${labels.map((label, k) => `${formatFigure(times[k])} (${label})`).join(", ")}.`,
        ),
      ],
    };
  },
});
