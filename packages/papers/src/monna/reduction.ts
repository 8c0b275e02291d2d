import {
  displacementAlong,
  geometryOf,
  lateNodes,
  maximizeOnHalfLine,
  mixRound,
  nearestNeighbors,
  publishedReduction,
  reductionBound,
  reductionCoefficients,
} from "gradus/collaborative";
import { type RandomStream, randomStream } from "gradus/random";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, point, progress, replacePoints } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { honestVectors, shapes } from "./honest-vectors.ts";

const pairs = [
  { nodes: 200, faulty: 5 },
  { nodes: 26, faulty: 2 },
  { nodes: 60, faulty: 5 },
  { nodes: 110, faulty: 10 },
] as const;
const dimensions = [1, 2, 5] as const;
/** Distances of the faulty models from the honest mean, in spreads. */
const distances = [0.3, 1, 1.5, 2, 3, 5] as const;
const EVALUATIONS = 16;

const measured = { alpha: "largest α", lambda: "largest λ" };
const bounds = { proved: "C², proved here", alpha: "9.88 f/(n − f)", lambda: "9 f/(n − f)" };

interface Draw {
  readonly nodes: number;
  readonly faulty: number;
  readonly honest: readonly Float64Array[];
  readonly stream: RandomStream;
  readonly ascent: boolean;
}

/** The largest coefficients over the distances at which the faulty models of one draw stand. */
async function largestCoefficients({ nodes, faulty, honest, stream, ascent }: Draw) {
  const rule = nearestNeighbors();
  const geometry = geometryOf(honest);
  const d = geometry.mean.length;
  const spread =
    honest.reduce((sum, _, i) => sum + geometry.gram[i * (honest.length + 1)], 0) / honest.length;
  const direction = stream.unitSphere(d).map((u) => u * Math.sqrt(spread));
  const tried: number[] = [...distances];
  if (ascent)
    tried.push(maximizeOnHalfLine(displacementAlong(direction, { rule, geometry, faulty }), EVALUATIONS));
  const late = lateNodes({ nodes, faulty, arrival: "worst", seed: stream.integer(2 ** 32) })(0, 0);
  let [alpha, lambda] = [0, 0];
  for (const a of tried) {
    const liar = geometry.mean.map((m, k) => m + a * direction[k]);
    const sent = new Array<Float64Array>(faulty).fill(liar);
    const { mixed } = await mixRound({ rule, faulty, geometry, sent, late });
    const after = Array.from(honest, (_, i) => mixed.subarray(i * d, (i + 1) * d));
    const coefficients = reductionCoefficients(honest, after);
    alpha = Math.max(alpha, coefficients.alpha);
    lambda = Math.max(lambda, coefficients.lambda);
  }
  return { alpha, lambda };
}

/** Of one pair of n and f, the largest coefficients of all draws. */
interface Largest {
  readonly nodes: number;
  readonly faulty: number;
  readonly alpha: number;
  readonly lambda: number;
}

/** The power of f/(n − f) with which λ grows. */
function powerOf(results: readonly Largest[]): number {
  const { slope } = logLogSlope(
    results.map(({ nodes, faulty }) => faulty / (nodes - faulty)),
    results.map(({ lambda }) => lambda),
  );
  return slope;
}

export default defineExperiment({
  description:
    "Draws honest models of three kinds in 1, 2 and 5 dimensions, lets all faulty nodes send one point at several distances, and keeps the largest coefficients α and λ of a round of nearest-neighbor averaging.",
  parameters: z.object({
    draws: z
      .int()
      .min(10)
      .max(10_000)
      .default(2000)
      .describe("sets of honest models, of each kind and dimension in turn"),
    adversary: z
      .enum(["grid", "ascent"])
      .default("ascent")
      .describe(
        "distances tried by the faulty nodes: six fixed ones, or also the one that a line search finds",
      ),
  }),
  profiles: { quick: { draws: 100, adversary: "grid" }, full: {} },
  seconds: { quick: 12, full: 400 },
  plots: [
    {
      id: "alpha",
      title: "How much of the spread is left: largest α",
      x: { label: "faulty nodes f/n", scale: "log" },
      y: { label: "α = spread after / before", scale: "log" },
      mark: "line",
      series: [measured.alpha],
      references: [bounds.proved, bounds.alpha],
    },
    {
      id: "lambda",
      title: "How far the mean moves: largest λ",
      x: { label: "faulty nodes f/n", scale: "log" },
      y: { label: "λ = |move of the mean|² / spread", scale: "log" },
      mark: "line",
      series: [measured.lambda],
      references: [bounds.proved, bounds.lambda],
    },
  ],

  async *measure({ parameters: { draws, adversary }, seed, signal, stage }) {
    const results: Largest[] = [];
    for (const [k, { nodes, faulty }] of pairs.entries()) {
      results.push(
        yield* stage(`${nodes}, ${faulty}`, async function* () {
          const root = randomStream(seed).split(`reduction ${nodes} ${faulty}`);
          const share = faulty / nodes;
          const { constant } = reductionBound(nodes, faulty);
          const published = publishedReduction(nodes, faulty);
          yield point("alpha", bounds.proved, share, constant ** 2);
          yield point("alpha", bounds.alpha, share, published.alpha);
          yield point("lambda", bounds.proved, share, constant ** 2);
          yield point("lambda", bounds.lambda, share, published.lambda);
          const before = results.map((result) => ({ ...result, share: result.faulty / result.nodes }));
          function* largestSoFar() {
            const all = [...before, { share, alpha, lambda }];
            yield replacePoints(
              "alpha",
              measured.alpha,
              all.map((one) => ({ x: one.share, y: one.alpha })),
            );
            yield replacePoints(
              "lambda",
              measured.lambda,
              all.map((one) => ({ x: one.share, y: one.lambda })),
            );
          }
          let [alpha, lambda] = [0, 0];
          for (let draw = 0; draw < draws; draw++) {
            signal.throwIfAborted();
            yield progress((k + draw / draws) / pairs.length, `n = ${nodes}, f = ${faulty}`);
            const d = dimensions[draw % dimensions.length];
            const shape = shapes[Math.floor(draw / dimensions.length) % shapes.length];
            const stream = root.split(draw);
            const honest = honestVectors(shape, { count: nodes - faulty, faulty, d, stream });
            const ascent = adversary === "ascent";
            const largest = await largestCoefficients({ nodes, faulty, honest, stream, ascent });
            const grew = largest.alpha > alpha || largest.lambda > lambda;
            alpha = Math.max(alpha, largest.alpha);
            lambda = Math.max(lambda, largest.lambda);
            if (grew) yield* largestSoFar();
          }
          return { nodes, faulty, alpha, lambda };
        }),
      );
    }
    yield progress(1, "done");
    return { draws, results };
  },

  judge({ results }) {
    const checks: Check[] = [];
    for (const { nodes, faulty, alpha, lambda } of results) {
      const of = `n = ${nodes}, f = ${faulty}`;
      const { constant } = reductionBound(nodes, faulty);
      checks.push(
        check("C3", `largest α, ${of}`, alpha, { below: 1 }, theorem("Definition of a reduction: α < 1")),
      );
      if (constant < 1)
        checks.push(
          check(
            "C3",
            `largest λ, ${of}`,
            lambda,
            { atMost: constant ** 2 },
            theorem("the bound C² proved in the remarks"),
          ),
        );
    }
    checks.push(
      check(
        "C3",
        "power of f/(n − f) in λ",
        powerOf(results),
        { between: [0.8, 1.2] },
        criterion("“in proportion” is a power within a fifth of 1"),
      ),
    );
    return checks;
  },

  present({ draws, results }) {
    const power = formatFigure(powerOf(results));
    const largestAlpha = formatFigure(Math.max(...results.map(({ alpha }) => alpha)));
    const worst = results.reduce((a, b) => (b.lambda > a.lambda ? b : a));
    return {
      headline: `One round of mixing leaves at most ${largestAlpha} of the spread, and moves the mean in proportion to f/(n − f) to the power ${power}.`,
      captions: {
        alpha: `A round leaves at most ${largestAlpha} of the spread; the bounds are far above, and C² is above 1 for f/n > 1/12.`,
        lambda: `λ grows as f/(n − f) to the power ${power}; at n = ${worst.nodes}, f = ${worst.faulty} it is ${formatFigure(worst.lambda)} of at most ${formatFigure(publishedReduction(worst.nodes, worst.faulty).lambda)}.`,
      },
      summary: [
        `In every draw the models came closer (α ≤ ${largestAlpha}), and the square of the mean's move stayed in proportion to f/(n − f): the power is ${power}.`,
        "A search over finitely many faulty vectors finds a lower bound of the worst case, not the worst case; the bound C² is proved for all of them.",
      ],
      tables: [
        {
          id: "coefficients",
          title: `Largest coefficients of ${draws} sets of models for each n and f`,
          columns: [
            { key: "n", label: "n" },
            { key: "f", label: "f" },
            { key: "alpha", label: "α" },
            { key: "lambda", label: "λ" },
            { key: "bound", label: "C²" },
            { key: "publishedAlpha", label: bounds.alpha },
            { key: "publishedLambda", label: bounds.lambda },
          ],
          rows: results.map(({ nodes, faulty, alpha, lambda }) => ({
            n: nodes,
            f: faulty,
            alpha,
            lambda,
            bound: reductionBound(nodes, faulty).constant ** 2,
            publishedAlpha: publishedReduction(nodes, faulty).alpha,
            publishedLambda: publishedReduction(nodes, faulty).lambda,
          })),
        },
      ],
    };
  },
});
