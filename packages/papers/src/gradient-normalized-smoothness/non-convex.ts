import type { Method } from "gradus/iterate";
import { chebyshevResidual, type Objective, residualPower, rosenbrockResidual } from "gradus/objectives";
import {
  cubicNewton,
  gnsNewton,
  gradientMethod,
  type RegularizedIterate,
  superUniversalNewton,
} from "gradus/optimize";
import { randomStream } from "gradus/random";
import { median } from "gradus/statistics";
import { z } from "zod";
import { type Check, check } from "../check.ts";
import { defineExperiment, type PlotSpecification, progress, table } from "../experiment.ts";
import {
  costChecks,
  type Descent,
  descentColumns,
  descentRow,
  follow,
  gapPlots,
  iterationsText,
  iterationsTo,
} from "./descent.ts";

const GAUSS_NEWTON = "Gauss-Newton";
const EXACT = "exact Hessian";
const GRADIENT = "gradient";

type Start = (objective: Objective, x0: Float64Array, signal: AbortSignal) => Method<RegularizedIterate>;
const contenders: Readonly<Record<string, Start>> = {
  [GAUSS_NEWTON]: (objective, x0, signal) => gnsNewton(objective, x0, { signal, hessian: "gaussNewton" }),
  [EXACT]: (objective, x0, signal) => gnsNewton(objective, x0, { signal, hessian: "exact" }),
  [GRADIENT]: (objective, x0, signal) => gradientMethod(objective, x0, { signal }),
  "super-universal Newton": (objective, x0, signal) => superUniversalNewton(objective, x0, { signal }),
  "cubic Newton": (objective, x0, signal) => cubicNewton(objective, x0, { signal }),
};
const series = Object.keys(contenders);
const judged = [GAUSS_NEWTON, EXACT, GRADIENT];

const rosenbrockPowers = [2, 3, 4, 5] as const;
const ROSENBROCK_GAP = 1e-12;
const ROSENBROCK_ITERATIONS = 5000;
const chebyshevPowers = [3, 4] as const;
const SEEDS = 8;
/** A gradient norm at which a start is given up: the valley is flat to rounding there. */
const STALLED = 1e-12;
/** The gradient method has to need this many times as many iterations as Gauss-Newton. */
const chebyshevFactors = { 3: 3, 4: 1.5 } as const;

const chebyshevPlot = (p: number): PlotSpecification => ({
  ...gapPlots(judged, `Chebyshev equations, p = ${p}`)[0],
  id: `chebyshev-${p}`,
});

export default defineExperiment({
  id: "non-convex",
  title: "Non-convex equations with Gauss-Newton matrices",
  description:
    "Solves Rosenbrock's and the Chebyshev equations as powers ‖u(x)‖ᵖ/p with the exact Hessian, with its Gauss-Newton part, and by gradients.",
  claims: ["C1", "C4", "C6"],
  parameters: z.object({
    dimension: z.int().min(10).max(2000).default(1000).describe("Chebyshev equations"),
    iterations: z
      .int()
      .min(50)
      .max(20_000)
      .default(1000)
      .describe("iterations allowed on Chebyshev equations"),
  }),
  profiles: { quick: { dimension: 100 }, full: {} },
  seconds: { quick: 8, full: 160 },
  plots: [...gapPlots(series, "Rosenbrock, p = 4"), chebyshevPlot(3), chebyshevPlot(4)],

  async *run({ parameters: { dimension, iterations }, seed, signal, stage }) {
    const checks: Check[] = [];
    const rows: ReturnType<typeof descentRow>[] = [];
    const adaptive: Descent[] = [];
    const sentences: string[] = [];
    const counts: string[] = [];
    for (const [k, p] of rosenbrockPowers.entries()) {
      const objective = residualPower(rosenbrockResidual, { power: p });
      const runs: Descent[] = [];
      for (const method of series) {
        yield progress((0.2 * k) / rosenbrockPowers.length, `Rosenbrock, p = ${p}, ${method}`);
        const descent = yield* stage(`rosenbrock ${p}, ${method}`, () =>
          follow(contenders[method](objective, Float64Array.of(-2, 2), signal), {
            gap: ROSENBROCK_GAP,
            maxIterations: ROSENBROCK_ITERATIONS,
            series: method,
            plots: p === 4 ? { gap: "gap", time: "time" } : {},
          }),
        );
        runs.push(descent);
        rows.push(descentRow(`Rosenbrock, p = ${p}`, method, descent));
        yield table({ id: "methods", title: "Methods", columns: descentColumns, rows: [...rows] });
      }
      const [gaussNewton, exact, gradient] = runs;
      adaptive.push(gaussNewton, exact);
      const ratio = gradient.iterations / iterationsTo(gaussNewton);
      checks.push(
        check("C4", `iterations of Gauss-Newton to 1e-12, Rosenbrock, p = ${p}`, iterationsTo(gaussNewton), {
          atMost: 100,
        }),
        check("C1", `iterations with the exact Hessian to 1e-12, Rosenbrock, p = ${p}`, iterationsTo(exact), {
          atMost: 100,
        }),
        check("C4", `gradient method over Gauss-Newton in iterations, Rosenbrock, p = ${p}`, ratio, {
          atLeast: 20,
        }),
      );
      counts.push(
        `p = ${p}: ${iterationsText(gaussNewton)}, ${iterationsText(exact)}, ${iterationsText(gradient)}`,
      );
    }
    sentences.push(`Rosenbrock, iterations of Gauss-Newton, exact and gradient: ${counts.join("; ")}.`);

    const captions: Record<string, string> = {};
    const stream = randomStream(seed).split("chebyshev");
    for (const p of chebyshevPowers) {
      const objective = residualPower(chebyshevResidual(dimension), { power: p });
      const medians: number[] = [];
      for (const method of judged) {
        const own: Descent[] = [];
        for (let k = 0; k < SEEDS; k++) {
          const x0 = stream.split(k).fillUniform(new Float64Array(dimension));
          yield progress(
            0.2 + 0.35 * (p - 3) + (0.1 * k) / SEEDS,
            `Chebyshev, p = ${p}, ${method}, start ${k + 1}`,
          );
          const descent = yield* stage(`chebyshev ${p}, ${method}, ${k}`, () =>
            follow(contenders[method](objective, x0, signal), {
              gap: 1e-8 * objective.value(x0),
              gradientNorm: STALLED,
              maxIterations: iterations,
              series: method,
              plots: k === 0 ? { gap: `chebyshev-${p}` } : {},
            }),
          );
          own.push(descent);
          rows.push(descentRow(`Chebyshev, d = ${dimension}, p = ${p}, start ${k + 1}`, method, descent));
        }
        yield table({ id: "methods", title: "Methods", columns: descentColumns, rows: [...rows] });
        medians.push(median(own.map((run) => Math.min(iterationsTo(run), iterations))));
        if (method !== GRADIENT) adaptive.push(...own);
      }
      const [gaussNewton, exact, gradient] = medians;
      checks.push(
        check(
          "C4",
          `median iterations of Gauss-Newton over exact, Chebyshev, p = ${p}`,
          gaussNewton / exact,
          {
            atMost: 1.2,
          },
        ),
        check(
          "C4",
          `median iterations of gradient over Gauss-Newton, Chebyshev, p = ${p}`,
          gradient / gaussNewton,
          {
            atLeast: chebyshevFactors[p],
          },
        ),
      );
      const text = `Chebyshev equations, d = ${dimension}, p = ${p}, median iterations to a gap of 1e-8 f(x_0): Gauss-Newton ${gaussNewton}, exact ${exact}, gradient ${gradient}.`;
      captions[`chebyshev-${p}`] = text;
      sentences.push(text);
    }
    checks.push(...costChecks("non-convex equations", adaptive));
    yield progress(1, "done");
    return {
      checks,
      captions: {
        gap: `The exact Hessian is indefinite on the way; a failed factorization halves γ. Iterations of Gauss-Newton, exact and gradient: ${counts[2]}.`,
        time: "In two dimensions a step costs microseconds whatever the method, so time follows the iterations.",
        ...captions,
      },
      summary: sentences,
    };
  },
});
