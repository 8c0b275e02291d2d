import { estimateErrorBound, penaltyHyperobjective } from "gradus/optimize/bilevel";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, point, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { curvatureProblem, jumpHyperobjective, jumpProblem } from "./examples.ts";

/** 10^-1 to 10^-3. */
const curvatures = Array.from({ length: 6 }, (_, k) => 10 ** (-1 - (2 * k) / 5));
const CURVATURE_SIGMA = 1e-6;
const jumpSigmas = [0.1, 0.01, 0.001] as const;
const seriesOf = (sigma: number) => `ψσ, σ = ${sigma}`;
const TRUE = "hyper-objective ψ";
const EB_SIGMA = 0.01;
/** Of prox residuals, absolute: all problems here have units of about 1. */
const TOLERANCE = 1e-8;
const EB_TOLERANCE = 1e-9;
const EB_RANGE = [0.005, 0.02, 0.05];

type Jump = { readonly sigma: number; readonly gap: number; readonly slope: number };
type Bend = { readonly mu: number; readonly value: number; readonly gradient: number };

const exponentOf = (bends: readonly Bend[], part: "value" | "gradient") =>
  logLogSlope(
    bends.map(({ mu }) => mu),
    bends.map((bend) => bend[part]),
  ).slope;

export default defineExperiment({
  description:
    "Example 1 of the paper, whose lower solutions jump: the largest gap between the penalized and the true hyper-objective as σ falls, and the slope. Then a scalar family in which the error bound’s constant μ falls at fixed σ.",
  parameters: z.object({
    places: z.int().min(20).max(2000).default(200).describe("positions on [0, 2σ] and on [2σ, 1], each"),
  }),
  profiles: { quick: {}, full: { places: 1000 } },
  seconds: { quick: 2, full: 5 },
  plots: [
    linePlot("jump", "Where lower solutions jump, ψσ does not approach ψ", logAxis("x"), "objective", {
      series: jumpSigmas.map(seriesOf),
      references: [TRUE],
    }),
    linePlot(
      "curvature",
      "Gaps at σ = 10⁻⁶ as the error bound weakens",
      logAxis("constant μ of the error bound"),
      logAxis("gap"),
      { series: ["value", "gradient"] },
    ),
  ],

  async *measure({ parameters: { places }, signal, stage }) {
    const jumps: Jump[] = [];
    for (const [k, sigma] of jumpSigmas.entries()) {
      yield progress(k / 5, `jump, σ = ${sigma}`);
      jumps.push(
        yield* stage(`jump ${sigma}`, async function* () {
          const inner = Array.from({ length: places }, (_, i) => (2 * sigma * (i + 1)) / places);
          const outer = Array.from(
            { length: places },
            (_, i) => 2 * sigma + ((1 - 2 * sigma) * (i + 1)) / places,
          );
          let [gap, slope] = [0, 0];
          const every = Math.ceil(places / 50);
          for (const [i, x] of [...inner, ...outer].entries()) {
            const found = await penaltyHyperobjective(jumpProblem, Float64Array.of(x), sigma, {
              tolerance: TOLERANCE,
              signal,
            });
            gap = Math.max(gap, Math.abs(found.value - jumpHyperobjective(x)));
            slope = Math.max(slope, Math.abs(found.gradient[0]));
            if (i % every === 0) yield point("jump", seriesOf(sigma), x, found.value);
          }
          return { sigma, gap, slope };
        }),
      );
    }
    const first = (2 * jumpSigmas[jumpSigmas.length - 1]) / places;
    yield curve("jump", TRUE, { length: 51 }, (_, i) => {
      const x = first ** (1 - i / 50);
      return { x, y: jumpHyperobjective(x) };
    });
    yield progress(0.7, "curvatures");
    const bends: Bend[] = [];
    for (const mu of curvatures) {
      const problem = curvatureProblem(mu);
      const y0 = Float64Array.of(1 / Math.sqrt(mu));
      const found = await penaltyHyperobjective(problem, Float64Array.of(1), CURVATURE_SIGMA, {
        y0,
        tolerance: TOLERANCE,
        signal,
      });
      // psi(x) = (x / sqrt(mu) - target)^2 / 2
      const [value, gradient] = [1 / 2, -1 / Math.sqrt(mu)];
      const bend = {
        mu,
        value: Math.abs(found.value - value),
        gradient: Math.abs(found.gradient[0] - gradient),
      };
      bends.push(bend);
      yield point("curvature", "value", mu, bend.value);
      yield point("curvature", "gradient", mu, bend.gradient);
    }
    yield progress(0.9, "error bound");
    const bounds: number[] = [];
    for (const x of EB_RANGE) {
      const { constant } = await estimateErrorBound(jumpProblem, Float64Array.of(x), EB_SIGMA, {
        radius: 2,
        samples: 40,
        tolerance: EB_TOLERANCE,
        signal,
      });
      bounds.push(constant);
    }
    return { jumps, bends, errorBound: Math.max(...bounds) };
  },

  judge: ({ jumps, bends, errorBound }) => [
    check(
      "C2",
      "example 1: smallest over σ of the largest |ψσ − ψ|",
      Math.min(...jumps.map(({ gap }) => gap)),
      { atLeast: 0.9 },
      criterion("ψ jumps by 1 at 0; a gap of at least nine tenths of the jump at every σ does not close"),
    ),
    check(
      "C2",
      "example 1: smallest over σ of σ times the largest |∇ψσ|",
      Math.min(...jumps.map(({ sigma, slope }) => sigma * slope)),
      { atLeast: 0.9 },
      criterion("∇ψ = 2x is bounded away from 0; a gradient that grows like 1/σ cannot approach it"),
    ),
    check(
      "C1",
      "exponent of μ in |ψσ − ψ|",
      exponentOf(bends, "value"),
      { atLeast: -1.05 },
      theorem("Theorem 1.1 as reproduced in a published note: O(σ/μ); a twentieth allows for the fit"),
    ),
    check(
      "C1",
      "exponent of μ in |∇ψσ − ∇ψ|",
      exponentOf(bends, "gradient"),
      { atLeast: -3.05 },
      theorem("Theorem 1.1 as reproduced in a published note: O(σ/μ³); a twentieth allows for the fit"),
    ),
    ourCheck(
      `example 1: largest error-bound constant near the jump, σ = ${EB_SIGMA}`,
      errorBound,
      { atMost: 0.05 },
      criterion("the curvature is 2σ = 0.02 there: an estimate above 0.05 would hide that the bound fails"),
    ),
  ],

  present({ jumps, bends, errorBound }) {
    const gap = formatRounded(Math.min(...jumps.map((one) => one.gap)));
    const last = jumps[jumps.length - 1];
    const [value, gradient] = [exponentOf(bends, "value"), exponentOf(bends, "gradient")].map(formatRounded);
    return {
      headline: `Where the lower solutions jump, the largest gap between the penalized hyper-objective and the true one is at least ${gap} for every σ; as the error bound weakens, the gaps in value and gradient grow like μ to the powers of ${value} and ${gradient}.`,
      captions: {
        jump: `As σ falls, the gap moves toward x = 0 and does not close: at σ = ${last.sigma} it is still ${formatRounded(last.gap)}, and the slope next to 0 is ${formatRounded(last.slope)}.`,
        curvature: `The gaps grow like μ to the power of ${value} (values; the theorem allows −1) and ${gradient} (gradients; the theorem allows −3).`,
      },
      summary: [
        `Example 1 is f = x² + y², g = xy on [−1, 1]²: the lower solution is −1 for x > 0 and 1 for x < 0. Largest gaps: ${jumps.map((one) => `${formatRounded(one.gap)} at σ = ${one.sigma}`).join(", ")}.`,
        `The library’s estimate of the error-bound constant near the jump is at most ${formatRounded(errorBound)}, a warning that the penalty cannot be trusted there.`,
      ],
      tables: [
        tableOf("jumps", "Example 1", { sigma: "σ", gap: "largest |ψσ − ψ|", slope: "largest |∇ψσ|" }, jumps),
        tableOf("bends", "Scalar family", { mu: "μ", value: "|ψσ − ψ|", gradient: "|∇ψσ − ∇ψ|" }, bends),
      ],
    };
  },
});
