import { linearResidual, quadratic, residualPower } from "gradus/objectives";
import { estimateGamma, gnsNewton } from "gradus/optimize";
import { randomStream } from "gradus/random";
import { logLogSlope } from "gradus/statistics";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, points, progress, table } from "../experiment.ts";
import { costChecks, type Descent, follow } from "./descent.ts";

const powers = [2.25, 2.5, 3, 4, 5] as const;
const ITERATIONS = 60;
/** The quadratic takes longer to pass through decades of the gradient norm. */
const QUADRATIC_ITERATIONS = 1000;
/** One in so many of its points is drawn. */
const QUADRATIC_SHOWN = 5;
const SETTLED = 5;
const DIMENSION = 20;
/** Far below every γ on the way, so that the search alone decides how γ falls. */
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

export default defineExperiment({
  id: "universality",
  title: "γ finds the class of the function",
  description:
    "Minimizes ‖x‖^q/q, whose Hessian is Hölder of power q − 2, and a quadratic without Hessian, and fits how the accepted γ follows the gradient norm.",
  claims: ["C2", "C6"],
  parameters: z.object({
    samples: z.int().min(0).max(1000).default(64).describe("directions in which γ(x) is sampled"),
  }),
  profiles: { quick: { samples: 16 }, full: {} },
  seconds: { quick: 2, full: 4 },
  plots: [
    {
      id: "gamma",
      title: "Accepted γ_k against the gradient norm",
      x: { label: "‖g‖", scale: "log" },
      y: { label: "γ_k (units of x)", scale: "log" },
      mark: "dot",
      series: [...powers.map(seriesOf), QUADRATIC],
    },
    {
      id: "slope",
      title: "The power a of γ ~ ‖g‖^a",
      x: { label: "q" },
      y: { label: "a" },
      mark: "line",
      series: ["measured"],
      references: ["1/(q − 1)"],
    },
    {
      id: "local",
      title: `γ_k and the sampled γ(x_k), ‖x‖³/3`,
      x: { label: "iteration k" },
      y: { label: "γ (units of x)", scale: "log" },
      mark: "line",
      series: ["accepted γ_k", "sampled γ(x_k)"],
    },
  ],

  async *run({ parameters: { samples }, seed, signal, stage }) {
    const checks: Check[] = [];
    const rows: Record<string, number | string | null>[] = [];
    const adaptive: Descent[] = [];
    const stream = randomStream(seed).split("universality");
    const figures: string[] = [];
    const identity = linearResidual(
      diagonalMatrix(new Float64Array(DIMENSION).fill(1)),
      new Float64Array(DIMENSION),
    );
    const columns = [
      { key: "problem", label: "problem" },
      { key: "theory", label: "theory" },
      { key: "slope", label: "measured" },
      { key: "trials", label: "linear systems" },
      { key: "final", label: "final ‖g‖" },
    ];
    const show = () => table({ id: "slopes", title: "Powers", columns, rows: [...rows] });
    const startOf = (q: number) =>
      stream
        .split(q)
        .fillNormal(new Float64Array(DIMENSION))
        .map((value) => 10 * value);

    for (const [k, q] of powers.entries()) {
      yield progress((0.7 * k) / powers.length, seriesOf(q));
      const objective = residualPower(identity, { power: q });
      const descent = yield* stage(seriesOf(q), async function* () {
        const run = yield* follow(
          gnsNewton(objective, startOf(q), { signal, smallestGamma, hessian: "exact" }),
          {
            maxIterations: ITERATIONS,
          },
        );
        const pairs = run.gammas.map((y, i) => ({ x: run.gradientNorms[i], y }));
        yield points("gamma", seriesOf(q), pairs);
        yield points("slope", "measured", [{ x: q, y: gammaSlope(run) }]);
        yield points("slope", "1/(q − 1)", [{ x: q, y: 1 / (q - 1) }]);
        return run;
      });
      adaptive.push(descent);
      const slope = gammaSlope(descent);
      const theory = 1 / (q - 1);
      figures.push(`${formatFigure(slope)} for q = ${q} (theory ${formatFigure(theory)})`);
      rows.push({
        problem: seriesOf(q),
        theory,
        slope,
        trials: descent.solves,
        final: descent.gradientNorms.at(-1) ?? null,
      });
      yield show();
      checks.push(
        check("C2", `|slope − 1/(q−1)| of ln γ on ln ‖g‖, q = ${q}`, Math.abs(slope - theory), {
          atMost: 0.02,
        }),
      );
    }

    yield progress(0.75, QUADRATIC);
    const flat = yield* stage(QUADRATIC, async function* () {
      const objective = quadratic(diagonalMatrix(spectrum));
      const x0 = stream.split("quadratic").fillNormal(new Float64Array(spectrum.length));
      const method = gnsNewton(
        objective,
        x0.map((value) => 10 * value),
        { signal, hessian: "zero" },
      );
      const run = yield* follow(method, { maxIterations: QUADRATIC_ITERATIONS });
      yield points(
        "gamma",
        QUADRATIC,
        run.gammas
          .map((y, i) => ({ x: run.gradientNorms[i], y }))
          .filter((_, i) => i % QUADRATIC_SHOWN === 0),
      );
      return run;
    });
    adaptive.push(flat);
    const slope = gammaSlope(flat);
    const settled = flat.lambdas.slice(SETTLED);
    rows.push({
      problem: QUADRATIC,
      theory: 1,
      slope,
      trials: flat.solves,
      final: flat.gradientNorms.at(-1) ?? null,
    });
    yield show();
    checks.push(
      check("C2", "slope of ln γ on ln ‖g‖, H = 0 on a quadratic", slope, { between: [0.95, 1.05] }),
      check("C2", "least λ_k/L, k ≥ 5, H = 0 on a quadratic", Math.min(...settled), { atLeast: 1 / 32 }),
      check("C2", "largest λ_k/L, k ≥ 5, H = 0 on a quadratic", Math.max(...settled), { atMost: 1 }),
    );

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
          yield points("local", "accepted γ_k", [{ x: iteration - 1, y: step.gamma }]);
          yield points("local", "sampled γ(x_k)", [{ x: iteration - 1, y: sampled }]);
        }
        previous = x;
        if (iteration === 25) break;
      }
      return null;
    });
    checks.push(...costChecks("norm powers", adaptive));
    yield progress(1, "done");
    return {
      checks,
      captions: {
        gamma:
          "Every line is straight: γ follows a power of the gradient norm, and the power tells the class.",
        slope: `Slopes: ${figures.join(", ")}.`,
        local:
          "The accepted γ stays above half of the radius in which the linear model of the gradient is right; a step in a good direction may be longer.",
      },
      summary: [
        `γ ~ ‖g‖^a with a = ${figures.join(", ")}.`,
        `Without a Hessian, on a quadratic, a = ${formatFigure(slope)} and λ lies between ${formatFigure(Math.min(...settled))} L and ${formatFigure(Math.max(...settled))} L.`,
      ],
    };
  },
});
