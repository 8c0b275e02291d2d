import { median, quantile } from "gradus/statistics";
import { adagradNorm, adaptiveBatchSize, constantBatchSize, normTest } from "gradus/train";
import { z } from "zod";
import { check, formatFigure } from "../check.ts";
import { defineExperiment, points, progress, replacePoints, table } from "../experiment.ts";
import { followRegression, type RegressionPath, regressionTrainer } from "./regression-path.ts";
import { seedsFrom, thinned } from "./seeds.ts";

const TARGET = 1e-4;
const WINDOW = [3, 10] as const;
const CONSTANT_WINDOW = [100, 300] as const;

const adaptive = (eta: number, retry: boolean) => ({
  name: `η = ${eta}${retry ? ", retry" : ""}`,
  eta,
  policy: adaptiveBatchSize({ test: normTest({ eta }), initial: 8, maximum: 65_536, retry }),
  window: WINDOW,
});
const schemes = [
  adaptive(0.5, false),
  adaptive(0.5, true),
  adaptive(0.9, false),
  adaptive(0.9, true),
  { name: "b = 8", eta: undefined, policy: constantBatchSize(8), window: CONSTANT_WINDOW },
] as const;
type Scheme = (typeof schemes)[number];

/** tr Cov / b_k over |grad F(x_k)|^2 along a path. */
const ratios = ({ gradient, variance, batches }: RegressionPath) =>
  Array.from(batches, (b, k) => variance[k] / b / gradient[k]);

const within = (path: RegressionPath, [from, to]: readonly [number, number]) =>
  ratios(path).filter((_, k) => k >= from && k <= to && path.gradient[k] > TARGET);

export default defineExperiment({
  id: "relative-noise",
  title: "Does the norm test make the noise proportional to the gradient?",
  description:
    "Along runs on the robust regression, sets the true variance of the batch's gradient against the true gradient: the ratio that the rate O(1/K) rests on, which the test sees only by estimates and one step late.",
  claims: ["C1"],
  parameters: z.object({ seeds: z.int().min(1).max(100).default(8).describe("runs of every method") }),
  profiles: { quick: {}, full: { seeds: 20 } },
  seconds: { quick: 3, full: 6 },
  plots: [
    {
      id: "ratio",
      title: "True noise over true gradient, AdaGradNorm",
      x: { label: "step k", scale: "log" },
      y: { label: "ρₖ = (tr Cov/bₖ) / ‖∇F(xₖ)‖²", scale: "log" },
      mark: "line",
      series: schemes.map(({ name }) => name),
      references: ["η² at η = 0.5"],
    },
  ],

  async *run({ parameters: { seeds }, seed, signal, stage }) {
    using trainer = await regressionTrainer(adagradNorm({ learningRate: 1, initialAccumulator: 1e-4 }));
    const found = new Map<Scheme, number[]>();
    for (const [s, scheme] of schemes.entries()) {
      yield progress(s / schemes.length, scheme.name);
      const drawn = (path: RegressionPath) => [
        replacePoints(
          "ratio",
          scheme.name,
          thinned(
            ratios(path)
              .slice(1)
              .map((y, k) => ({ x: k + 1, y })),
          ),
        ),
      ];
      const pooled = yield* stage(scheme.name, async function* () {
        const all: number[] = [];
        for (const [i, own] of seedsFrom(seed, seeds).entries()) {
          const path = yield* followRegression(trainer, {
            batchSize: scheme.policy,
            seed: own,
            target: TARGET,
            mostSteps: CONSTANT_WINDOW[1] + 1,
            signal,
            show: i === 0 ? drawn : undefined,
          });
          all.push(...within(path, scheme.window));
        }
        return all;
      });
      found.set(scheme, pooled);
    }
    yield points(
      "ratio",
      "η² at η = 0.5",
      [1, CONSTANT_WINDOW[1]].map((x) => ({ x, y: 0.25 })),
    );
    const middle = (scheme: Scheme) => median(found.get(scheme) ?? []);
    const [half, halfRetry, high, highRetry, constant] = schemes;
    const units = ({ eta }: { readonly eta: number }) => eta ** 2;
    yield table({
      id: "ratios",
      title: `True ratio ρ over steps ${WINDOW.join(" to ")} (b = 8: ${CONSTANT_WINDOW.join(" to ")}), ${seeds} seeds`,
      columns: [
        { key: "scheme", label: "batches" },
        { key: "median", label: "median ρ" },
        { key: "units", label: "median ρ / η²" },
        { key: "high", label: "90th percentile of ρ / η²" },
        { key: "missed", label: "share of steps with ρ > η²" },
      ],
      rows: schemes.map((scheme) => {
        const own = found.get(scheme) ?? [];
        const square = scheme.eta === undefined ? undefined : scheme.eta ** 2;
        return {
          scheme: scheme.name,
          median: median(own),
          units: square === undefined ? null : median(own) / square,
          high: square === undefined ? null : quantile(own, 0.9) / square,
          missed: square === undefined ? null : own.filter((rho) => rho > square).length / own.length,
        };
      }),
    });
    yield progress(1, "done");
    const inUnits = (scheme: Scheme & { readonly eta: number }) => middle(scheme) / units(scheme);
    const upper = quantile(found.get(half) ?? [], 0.9) / units(half);
    const missed =
      (found.get(half) ?? []).filter((rho) => rho > units(half)).length / (found.get(half) ?? []).length;
    return {
      checks: [
        check("C1", "median ρ / η², η = 0.5", inUnits(half), { atMost: 4 }),
        check("C1", "median ρ / η², η = 0.5 with retry", inUnits(halfRetry), { atMost: 1.5 }),
        check("C1", "median ρ / η², η = 0.9", inUnits(high), { atMost: 5 }),
        check("C1", "median ρ of b = 8 over that of η = 0.5", middle(constant) / middle(half), {
          atLeast: 10,
        }),
      ],
      captions: {
        ratio: `The first seed. With batches of 8 the noise outgrows the gradient (median ρ ${formatFigure(middle(constant))}); with η = 0.5 its median is ${formatFigure(middle(half))}, ${formatFigure(inUnits(half))} η².`,
      },
      summary: [
        `The test estimates, and acts one step late: with η = 0.5 the median of ρ is ${formatFigure(inUnits(half))} η² and its 90th percentile ${formatFigure(upper)} η², so that the exact condition ρ ≤ η² is missed at ${formatFigure(100 * missed)} % of the steps. With retry the median is ${formatFigure(inUnits(halfRetry))} η².`,
        `With η = 0.9 the median is ${formatFigure(inUnits(high))} η², with retry ${formatFigure(inUnits(highRetry))} η².`,
      ],
    };
  },
});
