import {
  cholesky,
  choleskySolve,
  conjugateGradient,
  type DenseMatrix,
  denseMatrix,
  identityOperator,
  multiply,
  solvePositiveDefinite,
} from "gradus/linalg";
import { type ConjugateDirectionsOptions, conjugateDirections, type DirectionSource } from "gradus/operators";
import { randomStream } from "gradus/random";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, type ExperimentRun, points, progress } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { directionsOf, shippedNetwork } from "./networks.ts";
import { domainOf, rightSideOf } from "./problems.ts";
import { countText, iterationsOf, learnedFor, MOST, orInfinite, pathOf } from "./solvers.ts";

const ORDER = 30;
const CONDITION = 1e3;
const STORED = [0, 1, 2, 4, 8] as const;
/** Relative rounding that a sum of squares may grow by. */
const ROUNDING = 1e-10;

/** A matrix with eigenvalues from 1 to 1000, evenly on a logarithmic scale. */
function definiteMatrix(seed: number): DenseMatrix {
  const Q = randomStream(seed).split("eigenvectors").orthogonal(ORDER).values;
  const values = new Float64Array(ORDER * ORDER);
  for (let i = 0; i < ORDER; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < ORDER; k++)
        sum += Q[i * ORDER + k] * CONDITION ** (k / (ORDER - 1)) * Q[j * ORDER + k];
      values[i * ORDER + j] = values[j * ORDER + i] = sum;
    }
  return denseMatrix(values, ORDER, ORDER);
}

/** A meaningless nonlinear map: sines of random sums of the residual, and a tenth of the residual. */
function randomSource(seed: number): DirectionSource {
  const values = randomStream(seed)
    .split("source")
    .fillNormal(new Float64Array(ORDER * ORDER));
  const W = denseMatrix(values, ORDER, ORDER);
  return {
    apply(r, out) {
      multiply(W, r, out);
      for (let i = 0; i < ORDER; i++) out[i] = Math.sin(3 * out[i]) + 0.1 * r[i];
    },
  };
}

interface Path {
  readonly residuals: readonly number[];
  readonly errors: readonly number[];
}

/** Relative residuals, and energies of the error (x - x*)^T A (x - x*). */
async function follow(
  A: DenseMatrix,
  b: Float64Array,
  source: DirectionSource,
  options: ConjugateDirectionsOptions,
  most: number,
): Promise<Path> {
  const exact = solvePositiveDefinite(A, b);
  const residuals: number[] = [];
  const errors: number[] = [];
  for await (const { x, residualNorm, iteration } of conjugateDirections(A, b, source, {
    relativeTolerance: 0,
    ...options,
  })) {
    residuals.push(residualNorm);
    const error = x.map((value, i) => value - exact[i]);
    errors.push(multiply(A, error).reduce((sum, value, i) => sum + value * error[i], 0));
    if (iteration >= most || residualNorm === 0) break;
  }
  return { residuals: residuals.map((value) => value / residuals[0]), errors };
}

interface Findings {
  readonly matrices: number;
  /** Largest growth of the error's energy in a step, relative to the energy before it; negative where it falls. */
  readonly growth: number;
  /** Largest relative difference to the residuals of conjugate gradients in ten iterations, with the identity. */
  readonly fromConjugateGradients: number;
  /** Largest relative residual after one step along A^-1 r. */
  readonly withInverse: number;
  /** Largest relative residual within n steps, all directions stored: two passes, and one. */
  readonly twoPasses: number;
  readonly onePass: number;
  /** Iterations of the network by the number of stored directions. */
  readonly byStored: readonly { readonly stored: number; readonly iterations: number | null }[];
}

export default defineExperiment({
  description:
    "What holds for any source of directions, on random matrices with a meaningless nonlinear source: the error never grows in the norm of A, the identity gives conjugate gradients, the exact inverse needs one step, and with all directions stored n steps are enough. Then the iterations of the network by the number of stored directions.",
  parameters: z.object({
    matrices: z
      .int()
      .min(2)
      .max(50)
      .default(50)
      .describe("random matrices of order 30, condition number 1000"),
  }),
  profiles: { quick: { matrices: 10 }, full: {} },
  seconds: { quick: 4, full: 12 },
  plots: [
    linePlot("stored", "A plume on the empty box, by stored directions", "Iteration", logAxis("‖r‖ / ‖r₀‖"), {
      series: STORED.map((stored) => `${stored} stored`),
    }),
    linePlot(
      "termination",
      "All directions stored, a meaningless source",
      "Iteration",
      logAxis("‖r‖ / ‖r₀‖"),
      { series: ["two passes", "one pass"] },
    ),
  ],

  async *measure({ parameters: { matrices }, seed, signal, stage }) {
    const seeds = repeatSeeds(seed, matrices);
    const general = yield* stage("matrices", async function* () {
      const worst = {
        growth: Number.NEGATIVE_INFINITY,
        fromConjugateGradients: 0,
        withInverse: 0,
        twoPasses: 0,
        onePass: 0,
      };
      for (const [index, one] of seeds.entries()) {
        signal.throwIfAborted();
        yield progress((0.4 * index) / matrices, `matrix ${index + 1} of ${matrices}`);
        const A = definiteMatrix(one);
        const b = randomStream(one).split("right side").fillNormal(new Float64Array(ORDER));
        const source = randomSource(one);
        for (const stored of [0, 2, 8]) {
          const { errors } = await follow(A, b, source, { stored }, 40);
          for (let k = 1; k < errors.length; k++)
            worst.growth = Math.max(worst.growth, errors[k] / errors[k - 1] - 1);
        }
        const expected: number[] = [];
        for await (const { residualNorm, iteration } of conjugateGradient(A, b, { relativeTolerance: 0 })) {
          expected.push(residualNorm);
          if (iteration >= 10) break;
        }
        const plain = await follow(A, b, identityOperator(ORDER), {}, 10);
        plain.residuals.forEach((value, k) => {
          const difference = Math.abs((value * expected[0]) / expected[k] - 1);
          worst.fromConjugateGradients = Math.max(worst.fromConjugateGradients, difference);
        });
        const factor = cholesky(A);
        const inverse: DirectionSource = { apply: (r, out) => out.set(choleskySolve(factor, r)) };
        const single = await follow(A, b, inverse, {}, 1);
        worst.withInverse = Math.max(worst.withInverse, single.residuals[1]);
        for (const passes of [2, 1] as const) {
          const { residuals } = await follow(A, b, source, { stored: "all", passes }, ORDER);
          const least = Math.min(...residuals);
          if (passes === 2) worst.twoPasses = Math.max(worst.twoPasses, least);
          else worst.onePass = Math.max(worst.onePass, least);
          if (index === 0)
            yield points(
              "termination",
              passes === 2 ? "two passes" : "one pass",
              residuals.flatMap((y, x) => (y > 0 ? [{ x, y }] : [])),
            );
        }
      }
      return worst;
    });

    yield progress(0.5, "stored directions");
    const byStored = yield* stage("stored", async function* (): ExperimentRun<Findings["byStored"]> {
      const A = domainOf("empty", 32, seed);
      const b = rightSideOf("R2", A, seed);
      using source = await directionsOf(await shippedNetwork(32), A);
      const counts: { readonly stored: number; readonly iterations: number | null }[] = [];
      for (const stored of STORED) {
        yield progress(0.5 + counts.length / 10, `${stored} stored directions`);
        const path = await pathOf(learnedFor(source, A, b, { stored }), MOST, signal);
        yield points(
          "stored",
          `${stored} stored`,
          path.map((y, x) => ({ x, y })),
        );
        counts.push({ stored, iterations: iterationsOf(path) });
      }
      return counts;
    });
    yield progress(1, "done");
    return { matrices, ...general, byStored };
  },

  judge({ growth, fromConjugateGradients, withInverse, twoPasses, byStored }: Findings) {
    const counts = byStored.map(({ iterations }) => orInfinite(iterations));
    const of = (stored: number) => counts[byStored.findIndex((one) => one.stored === stored)];
    return [
      check(
        "C1",
        "largest relative growth of the error’s energy in a step",
        growth,
        { atMost: ROUNDING },
        theorem("the step minimizes the energy along its direction, whatever the direction"),
      ),
      check(
        "C5",
        "iterations without stored directions over those with two",
        of(0) / of(2),
        { atLeast: 1.25 },
        criterion("stored directions must save a fifth of the iterations to be useful"),
      ),
      check(
        "C5",
        "iterations with eight stored directions over those with two",
        of(8) / of(2),
        { atLeast: 0.75 },
        criterion(
          "“more do not help much” means at most a quarter fewer iterations for four times as many directions",
        ),
      ),
      ourCheck(
        "largest relative difference to the residuals of conjugate gradients, with the identity",
        fromConjugateGradients,
        { atMost: 1e-8 },
        theorem("with the identity and one or more stored directions the iterates are those of CG"),
      ),
      ourCheck(
        "largest relative residual after one step along the inverse",
        withInverse,
        { atMost: 1e-10 },
        theorem("an exact line search along A⁻¹r reaches the solution"),
      ),
      ourCheck(
        "largest relative residual within n steps, all stored, two passes",
        twoPasses,
        { atMost: 1e-8 },
        theorem("n conjugate directions span the space"),
      ),
    ];
  },

  present({ matrices, growth, twoPasses, onePass, byStored }: Findings) {
    const listed = byStored.map(({ iterations }) => countText(iterations)).join(", ");
    return {
      headline: `In ${matrices} problems with a meaningless source the error’s energy never grows; the network takes ${listed} iterations with ${STORED.join(", ")} stored directions.`,
      captions: {
        stored: "The paper stores two.",
        termination: `The first of ${matrices} matrices of order ${ORDER}. With one pass of Gram-Schmidt the directions lose their conjugacy.`,
      },
      summary: [
        `The largest relative growth of the energy in a step is ${formatRounded(growth)}.`,
        `With all directions stored and two passes every problem is solved within ${ORDER} steps, to a relative residual of ${formatRounded(twoPasses)} or less; with one pass up to ${formatRounded(onePass)} remains.`,
      ],
      tables: [
        tableOf(
          "stored",
          "Iterations by stored directions, 32 x 32 cells",
          { stored: "stored directions", iterations: "iterations" },
          byStored.map(({ stored, iterations }) => ({ stored, iterations: countText(iterations) })),
        ),
      ],
    };
  },
});
