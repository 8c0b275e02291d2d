import {
  adagrad,
  adagradNorm,
  adaptiveBatchSize,
  type BatchSizePolicy,
  constantBatchSize,
  coordinateNormTest,
  normTest,
} from "gradus/train";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, type ExperimentEvent, progress, replaceCurve } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { thinned } from "../shared/paths.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { mediansOf, type Outcome, outcomeOf, type SchemeMedians, TARGET } from "./regression-medians.ts";
import { followRegression, type RegressionPath, regressionTrainer } from "./regression-path.ts";

const INITIAL = 8;
const MAXIMUM = 65_536;
const MOST_STEPS = 30_000;
const GROWTH = "steps to 1e-4 over steps to 1e-3";

interface Scheme {
  readonly name: string;
  readonly policy: BatchSizePolicy;
  readonly adaptive: boolean;
}

const norm = (eta: number): Scheme => ({
  name: `η = ${eta}`,
  policy: adaptiveBatchSize({ test: normTest({ eta }), initial: INITIAL, maximum: MAXIMUM }),
  adaptive: true,
});
const constant = (b: number): Scheme => ({ name: `b = ${b}`, policy: constantBatchSize(b), adaptive: false });
const coordinatewise: Scheme = {
  name: "coordinate-wise η = 0.9",
  policy: adaptiveBatchSize({ test: coordinateNormTest({ eta: 0.9 }), initial: INITIAL, maximum: MAXIMUM }),
  adaptive: true,
};
const shared = [norm(0.9), norm(0.5), norm(0.3), ...[8, 64, 512, 4096, 65_536].map(constant)];
const methods = [
  {
    name: "AdaGradNorm",
    optimizer: () => adagradNorm({ learningRate: 1, initialAccumulator: 1e-4 }),
    schemes: shared,
  },
  {
    name: "AdaGrad",
    optimizer: () => adagrad({ learningRate: 0.5 }),
    schemes: [...shared, coordinatewise],
  },
] as const;

/** What the plots show from a method's run. */
function* drawn(method: string, { name, adaptive }: Scheme, path: RegressionPath): Iterable<ExperimentEvent> {
  const at = thinned(Array.from(path.gradient, (y, k) => ({ k, y, samples: path.samples[k] })).slice(1));
  if (method === "AdaGradNorm") {
    yield replaceCurve("steps", name, at, ({ k, y }) => ({ x: k, y }));
    yield replaceCurve("samples", name, at, ({ samples, y }) => ({ x: samples, y }));
  }
  if (adaptive && (method === "AdaGradNorm" || name === coordinatewise.name))
    yield replaceCurve("batches", name, path.batches, (y, k) => ({ x: k + 1, y }));
}

interface Findings {
  readonly seeds: number;
  readonly medians: readonly SchemeMedians[];
}

const constants = shared.filter(({ adaptive }) => !adaptive).map(({ name }) => name);
const fast = criterion("at a rate of 1/K a tenth of ‖∇F‖² takes at most ten times the steps");
const slow = criterion("slower than 1/K: a tenth of ‖∇F‖² takes more than ten times the steps");

export default defineExperiment({
  description:
    "Robust nonconvex regression on fresh samples: AdaGradNorm and AdaGrad with batches that grow by the norm test, AdaGrad also with its coordinate-wise variant, and both with batches of one size, until the squared norm of the true gradient is 1e-4.",
  parameters: z.object({ seeds: z.int().min(1).max(100).default(20).describe("runs of every method") }),
  profiles: { quick: { seeds: 3 }, full: {} },
  seconds: { quick: 10, full: 70 },
  plots: [
    linePlot("steps", "AdaGradNorm: true gradient by step", logAxis("step k"), logAxis("‖∇F(xₖ)‖²"), {
      series: shared.map(({ name }) => name),
      references: ["1/k"],
    }),
    linePlot(
      "samples",
      "AdaGradNorm: true gradient by samples used",
      logAxis("samples used"),
      logAxis("‖∇F(xₖ)‖²"),
      { series: shared.map(({ name }) => name) },
    ),
    linePlot(
      "batches",
      "Batch sizes of AdaGradNorm, and of AdaGrad with the coordinate-wise test",
      "step k",
      logAxis("batch size bₖ (samples)"),
      { series: ["η = 0.9", "η = 0.5", "η = 0.3", coordinatewise.name] },
    ),
  ],

  async *measure({ parameters: { seeds }, seed, signal, stage }) {
    const medians: SchemeMedians[] = [];
    for (const [m, { name, optimizer, schemes }] of methods.entries()) {
      using trainer = await regressionTrainer(optimizer());
      for (const [s, scheme] of schemes.entries()) {
        yield progress((m + s / schemes.length) / methods.length, `${name}, ${scheme.name}`);
        const outcomes = yield* stage(`${name}, ${scheme.name}`, async function* () {
          const all: Outcome[] = [];
          for (const [i, own] of repeatSeeds(seed, seeds).entries()) {
            const path = yield* followRegression(trainer, {
              batchSize: scheme.policy,
              seed: own,
              target: TARGET,
              mostSteps: MOST_STEPS,
              signal,
              show: i === 0 ? (soFar) => drawn(name, scheme, soFar) : undefined,
            });
            all.push(outcomeOf(path, scheme.adaptive ? MAXIMUM : undefined));
          }
          return all;
        });
        medians.push(mediansOf(name, scheme.name, outcomes));
      }
    }
    yield curve("steps", "1/k", [1, 10, 100, 1000], (x) => ({ x, y: 0.05 / x }));
    return { seeds, medians };
  },

  judge(found: Findings) {
    const norm = (scheme: string) => find(found.medians, { method: "AdaGradNorm", scheme });
    const coordinates = (scheme: string) => find(found.medians, { method: "AdaGrad", scheme });
    const adaptive = found.medians.filter(({ scheme }) => !constants.includes(scheme));
    const fewest = Math.min(...constants.map((scheme) => norm(scheme).samples));
    return [
      ...["η = 0.9", "η = 0.5"].map((scheme) =>
        check("C1", `AdaGradNorm, ${scheme}: ${GROWTH}`, norm(scheme).growth, { atMost: 10 }, fast),
      ),
      check(
        "C2",
        `AdaGrad, ${coordinatewise.name}: ${GROWTH}`,
        coordinates(coordinatewise.name).growth,
        { atMost: 10 },
        fast,
      ),
      check(
        "C3",
        "smallest last batch over the first",
        Math.min(...adaptive.map(({ smallestLast }) => smallestLast)) / INITIAL,
        { atLeast: 2 },
        criterion("a batch that has grown is at least twice the first"),
      ),
      ...[
        { method: "AdaGradNorm", of: norm, scheme: "η = 0.9" },
        { method: "AdaGrad", of: coordinates, scheme: coordinatewise.name },
      ].flatMap(({ method, of, scheme }) => [
        ourCheck(`${method}, b = 8: ${GROWTH}`, of("b = 8").growth, { above: 10 }, slow),
        ourCheck(
          `${method}: steps with b = 8 over steps with ${scheme}`,
          of("b = 8").steps / of(scheme).steps,
          { atLeast: 1.5 },
          criterion("fewer steps are at least one and a half times fewer"),
        ),
      ]),
      ourCheck(
        "AdaGradNorm: samples with η = 0.9 over the fewest with one size",
        norm("η = 0.9").samples / fewest,
        { atMost: 1.5 },
        criterion("about as many samples are less than one and a half times as many"),
      ),
    ];
  },

  present(found) {
    const { seeds, medians } = found;
    const told = (method: string, scheme: string) => {
      const { steps, samples } = find(found.medians, { method, scheme });
      return `${formatRounded(steps)} steps and ${formatRounded(samples)} samples`;
    };
    const norm = (scheme: string) => find(found.medians, { method: "AdaGradNorm", scheme });
    const steps = (scheme: string) => formatRounded(norm(scheme).steps);
    const last = ({ batch }: SchemeMedians) => formatRounded(batch);
    const samples = formatRounded(norm("η = 0.9").samples / norm("b = 8").samples);
    return {
      headline: `The norm test with η = 0.9 needs ${formatRounded(norm("b = 8").steps / norm("η = 0.9").steps)} times fewer steps than batches of 8 (${steps("η = 0.9")} against ${steps("b = 8")}), at ${samples} times the samples.`,
      captions: {
        steps: `The first seed; the dashed line falls as 1/k. Medians to 1e-4: η = 0.9 takes ${told("AdaGradNorm", "η = 0.9")}, b = 8 ${told("AdaGradNorm", "b = 8")}, b = 65,536 ${told("AdaGradNorm", "b = 65536")}.`,
        samples: `The same runs by samples used. Medians to 1e-4: ${formatRounded(norm("η = 0.9").samples)} with η = 0.9, ${formatRounded(norm("b = 8").samples)} with b = 8.`,
        batches: `Median last batches: ${last(norm("η = 0.9"))} (η = 0.9), ${last(norm("η = 0.5"))} (η = 0.5), ${last(norm("η = 0.3"))} (η = 0.3).`,
      },
      summary: [
        `AdaGradNorm with the norm test, η = 0.9: ${told("AdaGradNorm", "η = 0.9")}; η = 0.5: ${told("AdaGradNorm", "η = 0.5")}; with batches of 8: ${told("AdaGradNorm", "b = 8")}.`,
        `AdaGrad with the norm test, η = 0.9: ${told("AdaGrad", "η = 0.9")}; with batches of 8: ${told("AdaGrad", "b = 8")}.`,
        `The coordinate-wise test follows the strictest of ten coordinates: with η = 0.9 AdaGrad takes ${told("AdaGrad", coordinatewise.name)}, and its batches end at ${last(find(found.medians, { method: "AdaGrad", scheme: coordinatewise.name }))} of at most ${formatRounded(MAXIMUM)}.`,
      ],
      tables: methods.map(({ name }) =>
        tableOf(
          name,
          `${name}: medians over ${seeds} seeds`,
          {
            scheme: "batches",
            steps: "steps to 1e-4",
            samples: "samples to 1e-4",
            growth: GROWTH,
            slope: "slope of ln min ‖∇F‖² on ln k",
            batch: "last batch",
          },
          medians.filter(({ method }) => method === name).map((row) => ({ ...row })),
        ),
      ),
    };
  },
});
