import { linearResidual, quadratic as quadraticOf, residualPower } from "gradus/objectives";
import { estimateGamma, gnsNewton } from "gradus/optimize";
import { randomStream } from "gradus/random";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { defineExperiment, point, points, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { costCheck, type Descent, follow, type Start, valuesPerStep } from "./descent.ts";

const powers = [2.25, 2.5, 3, 4, 5] as const;
const ITERATIONS = 60;
/** More iterations for the quadratic, which takes longer to pass through decades of the gradient norm. */
const QUADRATIC_ITERATIONS = 1000;
/** One point in this many is drawn. */
const QUADRATIC_SHOWN = 5;
const SETTLED = 5;
const DIMENSION = 20;
/** Far below every γ of a run, so that only the search determines how γ falls. */
const smallestGamma = 1e-200;
const QUADRATIC = "H = 0 on a quadratic";
const seriesOf = (q: number) => `‖x‖^${q}/${q}`;
/** The quadratic has L = 1. */
const spectrum = Float64Array.from({ length: 50 }, (_, j) => 10 ** (-3 + (3 * j) / 49));

function diagonalMatrix(entries: ArrayLike<number>) {
  const n = entries.length;
  const values = new Float64Array(n * n);
  for (let j = 0; j < n; j++) values[j * (n + 1)] = entries[j];
  return { rows: n, columns: n, values };
}

/** Slope of ln gamma_k on ln s_k once gamma_0 is forgotten. */
function gammaSlope({ gammas, gradientNorms }: Descent): number {
  return logLogSlope(gradientNorms.slice(SETTLED, gammas.length), gammas.slice(SETTLED)).slope;
}

/** The figures kept from a run. */
interface Power {
  /** The power of the gradient norm in gamma. */
  readonly slope: number;
  readonly iterations: number;
  readonly solves: number;
  readonly evaluations: number;
  readonly gradientNorm: number;
}

function powerOf(run: Descent): Power {
  const { iterations, solves, evaluations, gradientNorm } = run;
  return { slope: gammaSlope(run), iterations, solves, evaluations, gradientNorm };
}

/** Half the smallest distance between the powers of neighboring classes, 1/3 and 1/4, rounded down. */
const TOLERANCE = 0.04;
const tellsApart = criterion(
  "the power tells the class: its error is below half the smallest distance between two classes, 1/3 and 1/4",
);

export default defineExperiment({
  description:
    "Minimizes ‖x‖^q/q, whose Hessian is Hölder continuous of power q − 2 (for q ≤ 3), with the exact Hessian, and a quadratic with H = 0, and fits the power of the gradient norm that the accepted γ follows.",
  parameters: z.object({
    samples: z.int().min(0).max(1000).default(64).describe("directions in which γ(x) is sampled"),
  }),
  profiles: { quick: { samples: 16 }, full: {} },
  seconds: { quick: 2, full: 4 },
  plots: [
    dotPlot("gamma", "Accepted γ_k against the gradient norm", logAxis("‖g‖"), logAxis("γ_k (units of x)"), {
      series: [...powers.map(seriesOf), QUADRATIC],
    }),
    linePlot("slope", "The power a of γ ~ ‖g‖^a", "q", "a", {
      series: ["measured"],
      references: ["1/(q − 1)"],
    }),
    linePlot("local", `γ_k and the sampled γ(x_k), ‖x‖³/3`, "iteration k", logAxis("γ (units of x)"), {
      series: ["accepted γ_k", "sampled γ(x_k)"],
    }),
  ],

  async *measure({ parameters: { samples }, seed, signal, stage, resumable }) {
    const stream = randomStream(seed).split("universality");
    const identity = linearResidual(
      diagonalMatrix(new Float64Array(DIMENSION).fill(1)),
      new Float64Array(DIMENSION),
    );
    const startOf = (q: number) =>
      stream
        .split(q)
        .fillNormal(new Float64Array(DIMENSION))
        .map((value) => 10 * value);

    const found: (Power & { readonly q: number })[] = [];
    for (const [k, q] of powers.entries()) {
      yield progress((0.7 * k) / powers.length, seriesOf(q));
      const objective = residualPower(identity, { power: q });
      const power = yield* stage(seriesOf(q), async function* () {
        const start: Start = (resume) =>
          gnsNewton(objective, startOf(q), { signal, resume, smallestGamma, hessian: "exact" });
        const run = yield* follow(resumable, start, { maxIterations: ITERATIONS });
        const pairs = run.gammas.map((y, i) => ({ x: run.gradientNorms[i], y }));
        yield points("gamma", seriesOf(q), pairs);
        yield point("slope", "measured", q, gammaSlope(run));
        yield point("slope", "1/(q − 1)", q, 1 / (q - 1));
        return powerOf(run);
      });
      found.push({ q, ...power });
    }

    yield progress(0.75, QUADRATIC);
    const quadratic = yield* stage(QUADRATIC, async function* () {
      const x0 = stream.split("quadratic").fillNormal(new Float64Array(spectrum.length));
      const start: Start = (resume) =>
        gnsNewton(
          quadraticOf(diagonalMatrix(spectrum)),
          x0.map((value) => 10 * value),
          { signal, resume, hessian: "zero" },
        );
      const run = yield* follow(resumable, start, { maxIterations: QUADRATIC_ITERATIONS });
      const pairs = run.gammas.map((y, i) => ({ x: run.gradientNorms[i], y }));
      yield points(
        "gamma",
        QUADRATIC,
        pairs.filter((_, i) => i % QUADRATIC_SHOWN === 0),
      );
      const settled = run.lambdas.slice(SETTLED);
      return { ...powerOf(run), least: Math.min(...settled), largest: Math.max(...settled) };
    });

    yield progress(0.85, "sampling γ(x)");
    yield* stage("local", async function* () {
      const objective = residualPower(identity, { power: 3 });
      let previous: Float64Array = startOf(3);
      for await (const { iteration, x, step } of gnsNewton(objective, previous, {
        signal,
        hessian: "exact",
      })) {
        if (step) {
          const sampled = await estimateGamma(objective, previous, { samples, seed });
          yield point("local", "accepted γ_k", iteration - 1, step.gamma);
          yield point("local", "sampled γ(x_k)", iteration - 1, sampled);
        }
        previous = x;
        if (iteration === 25) break;
      }
      return null;
    });
    return { powers: found, quadratic };
  },

  judge: ({ powers, quadratic }) => [
    ...powers.map(({ q, slope }) =>
      check(
        "C2",
        `error of the power of ‖g‖ in γ against 1/(q − 1), q = ${q}`,
        Math.abs(slope - 1 / (q - 1)),
        { atMost: TOLERANCE },
        tellsApart,
      ),
    ),
    check(
      "C2",
      "error of the power of ‖g‖ in γ against 1, H = 0 on a quadratic",
      Math.abs(quadratic.slope - 1),
      { atMost: TOLERANCE },
      tellsApart,
    ),
    check(
      "C2",
      "largest λ_k/L for k ≥ 5, H = 0 on a quadratic",
      quadratic.largest,
      { atMost: 2 },
      criterion("γ_k stays above half of γ(x) = ‖g‖/L, so λ = ‖g‖/γ_k finds L within a factor of two"),
    ),
    costCheck("norm powers", [...powers, quadratic].map(valuesPerStep)),
  ],

  present({ powers, quadratic }) {
    const figures = powers
      .map(({ q, slope }) => `${formatRounded(slope)} for q = ${q} (theory ${formatRounded(1 / (q - 1))})`)
      .join(", ");
    const error = formatRounded(Math.max(...powers.map(({ q, slope }) => Math.abs(slope - 1 / (q - 1)))));
    const perStep = powers.map(({ evaluations, iterations }) => formatRounded(evaluations / iterations));
    const [least, largest] = [quadratic.least, quadratic.largest].map(formatRounded);
    return {
      headline: `On ‖x‖^q/q, q = 2.25 to 5, the accepted γ follows the gradient norm to a power within ${error} of 1/(q − 1).`,
      captions: {
        gamma: "A straight line is a power of the gradient norm; its slope tells the class of the function.",
        slope: `Slopes: ${figures}.`,
        local:
          "The sampled γ(x) is the radius in which the linear model of the gradient is accurate; a step in a good direction may be longer.",
      },
      summary: [
        `γ ~ ‖g‖^a with a = ${figures}.`,
        `With H = 0 on a quadratic, a = ${formatRounded(quadratic.slope)}, and λ lies between ${least} L and ${largest} L.`,
        `For q = ${powers.map(({ q }) => q).join(", ")} the search takes ${perStep.join(", ")} values of f per step: more where γ has to fall faster.`,
      ],
      tables: [
        tableOf(
          "slopes",
          "Powers",
          {
            problem: "problem",
            theory: "theory",
            slope: "measured",
            iterations: "iterations",
            solves: "linear systems",
            evaluations: "values of f",
            gradientNorm: "final ‖g‖",
          },
          [
            ...powers.map(({ q, ...power }) => ({ problem: seriesOf(q), theory: 1 / (q - 1), ...power })),
            { problem: QUADRATIC, theory: 1, ...quadratic },
          ],
        ),
      ],
    };
  },
});
