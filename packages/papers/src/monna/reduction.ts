import {
  displacementAlong,
  geometryOf,
  lateNodes,
  maximizeOnHalfLine,
  mixRound,
  nearestNeighbors,
  reductionBound,
  reductionCoefficients,
} from "gradus/collaborative";
import { type RandomStream, randomStream } from "gradus/random";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, point, progress, replaceCurve } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
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
const bound = "C², proved in the remarks";
/** The square of the constant C of the remarks, which bounds α and λ. */
const provedBound = (nodes: number, faulty: number) => reductionBound(nodes, faulty).constant ** 2;

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
    const byzantine = geometry.mean.map((m, k) => m + a * direction[k]);
    const sent = new Array<Float64Array>(faulty).fill(byzantine);
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

const ratioOf = ({ nodes, faulty }: Largest) => faulty / (nodes - faulty);

/** The power of f/(n − f) with which λ grows. */
const powerOf = (results: readonly Largest[]) =>
  logLogSlope(
    results.map(ratioOf),
    results.map(({ lambda }) => lambda),
  ).slope;

const boundOfRemarks = theorem("the bound C², proved in the remarks");

export default defineExperiment({
  description:
    "Draws honest models from three distributions in 1, 2 and 5 dimensions, has all faulty nodes send the same point at several distances, and records the largest coefficients α and λ of one round of nearest-neighbor averaging.",
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
    linePlot(
      "alpha",
      "Spread left after one round: largest α",
      logAxis("faulty nodes f/n"),
      logAxis("α = spread after / spread before"),
      { series: [measured.alpha], references: [bound] },
    ),
    linePlot(
      "lambda",
      "Shift of the mean: largest λ",
      logAxis("faulty nodes f/n"),
      logAxis("λ = |shift of the mean|² / spread"),
      { series: [measured.lambda], references: [bound] },
    ),
  ],

  async *measure({ parameters: { draws, adversary }, seed, signal, stage }) {
    const results: Largest[] = [];
    for (const [k, { nodes, faulty }] of pairs.entries()) {
      results.push(
        yield* stage(`${nodes}, ${faulty}`, async function* () {
          const root = randomStream(seed).split(`reduction ${nodes} ${faulty}`);
          const share = faulty / nodes;
          yield point("alpha", bound, share, provedBound(nodes, faulty));
          yield point("lambda", bound, share, provedBound(nodes, faulty));
          const before = results.map((result) => ({ ...result, share: result.faulty / result.nodes }));
          function* largestSoFar() {
            const all = [...before, { share, alpha, lambda }];
            yield replaceCurve("alpha", measured.alpha, all, (one) => ({ x: one.share, y: one.alpha }));
            yield replaceCurve("lambda", measured.lambda, all, (one) => ({ x: one.share, y: one.lambda }));
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
    return { draws, results };
  },

  judge: ({ results }) => [
    ...results.flatMap((one) => {
      const { nodes, faulty, alpha, lambda } = one;
      const of = `n = ${nodes}, f = ${faulty}`;
      const proved = provedBound(nodes, faulty);
      return proved < 1
        ? [
            check("C3", `largest α, ${of}`, alpha, { atMost: proved }, boundOfRemarks),
            check("C3", `largest λ, ${of}`, lambda, { atMost: proved }, boundOfRemarks),
          ]
        : [
            check(
              "C3",
              `largest α, ${of}`,
              alpha,
              { below: 1 },
              criterion("a spread that shrinks has α < 1"),
            ),
          ];
    }),
    check(
      "C3",
      "largest α (n − f)/f",
      Math.max(...results.map((one) => one.alpha / ratioOf(one))),
      { atMost: 10 },
      criterion("“of order f/n” allows a constant of at most ten"),
    ),
    check(
      "C3",
      "power of f/(n − f) in λ",
      powerOf(results),
      { between: [0.8, 1.2] },
      criterion("“of order f/n” is a power of f/(n − f) within a fifth of 1"),
    ),
  ],

  present({ draws, results }) {
    const power = formatRounded(powerOf(results));
    const largestAlpha = formatRounded(Math.max(...results.map(({ alpha }) => alpha)));
    const worst = results.reduce((a, b) => (b.lambda > a.lambda ? b : a));
    const bounded = results.filter(({ nodes, faulty }) => provedBound(nodes, faulty) < 1);
    return {
      headline: `One round of mixing leaves at most ${largestAlpha} of the spread of the honest models, and the squared shift of their mean grows as f/(n − f) to the power ${power}.`,
      captions: {
        alpha: `One round leaves at most ${largestAlpha} of the spread; the bound C² is far larger, and above 1 for f/n > 1/12.`,
        lambda: `λ grows as f/(n − f) to the power ${power} and is at most ${formatRounded(worst.lambda)}, at n = ${worst.nodes}, f = ${worst.faulty}.`,
      },
      summary: [
        `The largest α over all draws is ${largestAlpha}: the models ${Number(largestAlpha) < 1 ? "moved closer together in every draw" : "did not always move closer together"}. The largest λ grows as f/(n − f) to the power ${power}.`,
        `The bound C² is informative where it is below 1, here for ${bounded.map(({ nodes, faulty }) => `n = ${nodes}, f = ${faulty}`).join(" and ")}. A search over finitely many faulty models gives a lower bound on the worst case, not the worst case itself.`,
      ],
      tables: [
        tableOf(
          "coefficients",
          `Largest coefficients over ${draws} draws for each n and f`,
          { nodes: "n", faulty: "f", alpha: "α", lambda: "λ", bound: "C²" },
          results.map((one) => ({ ...one, bound: provedBound(one.nodes, one.faulty) })),
        ),
      ],
    };
  },
});
