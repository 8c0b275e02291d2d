import { gaussianWithMargin } from "gradus/data";
import { type BoundedMethod, geometricMargin, perceptronBounds } from "gradus/optimize";
import { randomStream } from "gradus/random";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, point, progress } from "../experiment.ts";
import { theorem } from "../ground.ts";
import { dotPlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { followPath, methodLabel } from "./path.ts";
import { digitPair, hardSet, type Problem } from "./problems.ts";

interface Contender {
  readonly method: BoundedMethod;
  readonly step: number;
  /** Whether C4 is about this bound. */
  readonly claimed?: boolean;
  /** Where the bound is proved. */
  readonly proof: string;
}

const remarks = "the bound proved in the remarks";
const contenders: readonly Contender[] = [
  { method: "normalized", step: 1, claimed: true, proof: remarks },
  { method: "normalized", step: 1e6, claimed: true, proof: remarks },
  { method: "gd", step: 1, proof: remarks },
  { method: "gd", step: 1e6, proof: remarks },
  { method: "batch-perceptron", step: 1, proof: "the limit γ → ∞ of the bound proved in the remarks" },
  {
    method: "normalized-batch-perceptron",
    step: 1,
    claimed: true,
    proof: "the limit β → ∞ of the bound proved in the remarks",
  },
  { method: "gradient-normalized", step: 1e6, proof: "the same argument as in the remarks, with unit steps" },
  { method: "perceptron", step: 1, proof: "Novikoff (1962)" },
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

/** The largest share of its bound that the k-th method takes. */
const largestRatio = (sets: readonly Pick<Measured, "times" | "bounds">[], k: number) =>
  Math.max(...sets.map(({ times, bounds }) => times[k] / bounds[k]));

export default defineExperiment({
  description:
    "Draws random separable sets, computes their margin exactly and compares the iterations of every method with its proven bound.",
  parameters: z.object({
    sets: z.int().min(1).max(10_000).default(300).describe("random sets"),
  }),
  profiles: { quick: { sets: 30 }, full: {} },
  seconds: { quick: 1, full: 2 },
  plots: [
    dotPlot("time", "Iterations until separation against R²/μ²", logAxis("R²/μ²"), logAxis("iterations T"), {
      series: labels,
      references: ["T = R²/μ²"],
    }),
    dotPlot("ratio", "Iterations as a share of the bound", logAxis("R²/μ²"), logAxis("T / bound"), {
      series: labels,
      references: ["bound"],
    }),
  ],

  async *measure({ parameters: { sets }, seed, signal, stage }) {
    async function* timesOf(problem: Problem) {
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
        // The online perceptron makes one step per mistake; a run stopped after the bound still counts as above it.
        times.push(path.updates);
      }
      return { complexity, times, bounds } satisfies Measured;
    }

    const measured: Measured[] = [];
    for (let index = 0; index < sets; index++) {
      yield progress((0.8 * index) / sets, `set ${index + 1} of ${sets}`);
      measured.push(
        yield* stage(`set ${index}`, async function* () {
          const result = yield* timesOf(randomSet(seed, index));
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
    yield curve("time", "T = R²/μ²", ends, (x) => ({ x, y: x }));
    yield curve("ratio", "bound", ends, (x) => ({ x, y: 1 }));

    const named: (Measured & { readonly name: string })[] = [];
    for (const problem of [hardSet(1000), await digitPair(1, 8)]) {
      yield progress(0.8 + 0.1 * named.length, problem.name);
      named.push({ name: problem.name, ...(yield* stage(problem.name, () => timesOf(problem))) });
    }
    return { sets, complexities: ends, ratios: contenders.map((_, k) => largestRatio(measured, k)), named };
  },

  judge({ ratios, named }) {
    return contenders.flatMap(({ claimed, proof }, k) =>
      [
        { sets: "random sets", ratio: ratios[k] },
        { sets: "hard set and digits", ratio: largestRatio(named, k) },
      ].map(({ sets, ratio }) => {
        const figure = [`largest T over its bound, ${labels[k]}, ${sets}`, ratio, { atMost: 1 }] as const;
        return claimed ? check("C4", ...figure, theorem(proof)) : ourCheck(...figure, theorem(proof));
      }),
    );
  },

  present({ sets, complexities, ratios, named }) {
    const ratioOf = (method: BoundedMethod) =>
      formatRounded(Math.max(...ratios.filter((_, k) => contenders[k].method === method)));
    return {
      headline: `On ${sets} random sets the normalized method takes at most ${ratioOf("normalized")} of its bound, LR+GD at most ${ratioOf("gd")}.`,
      captions: {
        time: `R²/μ² ranges from ${formatRounded(complexities[0])} to ${formatRounded(complexities[1])} over ${sets} random sets.`,
        ratio: `The normalized method takes at most ${ratioOf("normalized")} of its bound, LR+GD at most ${ratioOf("gd")}.`,
      },
      summary: [
        `Random data are easier than the worst case. The largest T/bound over the random sets is ${labels.map((label, k) => `${formatRounded(ratios[k])} (${label})`).join(", ")}.`,
        ...named.map(
          ({ name, complexity, times }) =>
            `Iterations on ${name} (R²/μ² = ${formatRounded(complexity)}): ${labels.map((label, k) => `${formatRounded(times[k])} (${label})`).join(", ")}.`,
        ),
      ],
      tables: [
        tableOf(
          "complexity",
          "Iterations to separate (updates for the online perceptron), and proven bounds",
          {
            method: "method",
            ...Object.assign(
              {},
              ...named.map(({ name }, i) => ({ [`T${i}`]: `T, ${name}`, [`bound${i}`]: `bound, ${name}` })),
            ),
            ratio: "largest T/bound over the random sets",
          },
          contenders.map((_, k) => ({
            method: labels[k],
            ...Object.assign(
              {},
              ...named.map(({ times, bounds }, i) => ({ [`T${i}`]: times[k], [`bound${i}`]: bounds[k] })),
            ),
            ratio: ratios[k],
          })),
        ),
      ],
    };
  },
});
