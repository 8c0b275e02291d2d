import { logLogSlope, median } from "gradus/statistics";
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
import { type Check, check, formatFigure } from "../check.ts";
import {
  defineExperiment,
  type ExperimentEvent,
  points,
  progress,
  replacePoints,
  table,
} from "../experiment.ts";
import { followRegression, type RegressionPath, regressionTrainer } from "./regression-path.ts";
import { seedsFrom, thinned } from "./seeds.ts";

const INITIAL = 8;
const MAXIMUM = 65_536;
const TARGET = 1e-4;
const MOST_STEPS = 30_000;
/** Steps of b = 8 over which its slope is taken. */
const SLOPE_STEPS = [5, 300] as const;

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
    claim: "C1",
    optimizer: () => adagradNorm({ learningRate: 1, initialAccumulator: 1e-4 }),
    schemes: shared,
  },
  {
    name: "AdaGrad",
    claim: "C2",
    optimizer: () => adagrad({ learningRate: 0.5 }),
    schemes: [...shared, coordinatewise],
  },
] as const;

/** What is kept of a run. */
interface Outcome {
  readonly steps: number;
  readonly samples: number;
  /** Steps until |grad F|^2 <= 1e-3. */
  readonly coarse: number;
  /** Of ln min |grad F|^2 on ln k. */
  readonly slope: number;
  readonly finalBatch: number;
  /** Steps at which the batch shrank. */
  readonly decreases: number;
}

function outcomeOf({ gradient, samples, batches }: RegressionPath, adaptive: boolean): Outcome {
  const reached = (level: number) => {
    const k = gradient.findIndex((g) => g <= level);
    return k < 0 ? Number.POSITIVE_INFINITY : k;
  };
  const full = batches.findIndex((b) => b >= MAXIMUM);
  const last = adaptive ? (full < 0 ? gradient.length - 1 : full) : SLOPE_STEPS[1];
  const steps: number[] = [];
  const least: number[] = [];
  let smallest = Number.POSITIVE_INFINITY;
  for (const [k, g] of gradient.entries()) {
    smallest = Math.min(smallest, g);
    if (k < SLOPE_STEPS[0] || k > last) continue;
    steps.push(k);
    least.push(smallest);
  }
  const done = gradient[gradient.length - 1] <= TARGET;
  return {
    steps: reached(TARGET),
    samples: done ? samples[samples.length - 1] : Number.POSITIVE_INFINITY,
    coarse: reached(1e-3),
    slope: steps.length >= 3 ? logLogSlope(steps, least).slope : Number.NaN,
    finalBatch: batches[batches.length - 1],
    decreases: batches.reduce((count, b, k) => count + (k > 0 && b < batches[k - 1] ? 1 : 0), 0),
  };
}

/** What the plots show of a method's run. */
function* drawn(method: string, { name, adaptive }: Scheme, path: RegressionPath): Iterable<ExperimentEvent> {
  const at = thinned(Array.from(path.gradient, (y, k) => ({ k, y, samples: path.samples[k] })).slice(1));
  if (method === "AdaGradNorm") {
    yield replacePoints(
      "steps",
      name,
      at.map(({ k, y }) => ({ x: k, y })),
    );
    yield replacePoints(
      "samples",
      name,
      at.map(({ samples, y }) => ({ x: samples, y })),
    );
  }
  if (adaptive && (method === "AdaGradNorm" || name === coordinatewise.name))
    yield replacePoints(
      "batches",
      name,
      Array.from(path.batches, (y, k) => ({ x: k + 1, y })),
    );
}

/** The median of a figure over seeds; slopes that could not be fitted are left out. */
const middle = (outcomes: readonly Outcome[], figure: (o: Outcome) => number) => {
  const known = outcomes.map(figure).filter((value) => !Number.isNaN(value));
  return known.length > 0 ? median(known) : Number.NaN;
};

export default defineExperiment({
  id: "rate",
  title: "Steps and samples to a stationary point, on a regression without end",
  description:
    "Robust nonconvex regression on fresh samples: AdaGradNorm and AdaGrad with batches that grow by the norm test, and with batches of one size, until the squared norm of the true gradient is 1e-4.",
  claims: ["C1", "C2", "C3"],
  parameters: z.object({ seeds: z.int().min(1).max(100).default(20).describe("runs of every method") }),
  profiles: { quick: { seeds: 3 }, full: {} },
  seconds: { quick: 10, full: 70 },
  plots: [
    {
      id: "steps",
      title: "AdaGradNorm: the true gradient against steps",
      x: { label: "step k", scale: "log" },
      y: { label: "‖∇F(xₖ)‖²", scale: "log" },
      mark: "line",
      series: shared.map(({ name }) => name),
      references: ["1/k"],
    },
    {
      id: "samples",
      title: "AdaGradNorm: the true gradient against samples",
      x: { label: "samples used", scale: "log" },
      y: { label: "‖∇F(xₖ)‖²", scale: "log" },
      mark: "line",
      series: shared.map(({ name }) => name),
    },
    {
      id: "batches",
      title: "Batch sizes: AdaGradNorm, and AdaGrad with the coordinate-wise test",
      x: { label: "step k" },
      y: { label: "batch size bₖ (samples)", scale: "log" },
      mark: "line",
      series: ["η = 0.9", "η = 0.5", "η = 0.3", coordinatewise.name],
    },
  ],

  async *run({ parameters: { seeds }, seed, signal, stage }) {
    const results = new Map<string, Outcome[]>();
    const resultOf = (method: string, scheme: string) => results.get(`${method}, ${scheme}`) ?? [];
    for (const [m, { name, optimizer, schemes }] of methods.entries()) {
      using trainer = await regressionTrainer(optimizer());
      for (const [s, scheme] of schemes.entries()) {
        yield progress((m + s / schemes.length) / methods.length, `${name}, ${scheme.name}`);
        const outcomes = yield* stage(`${name}, ${scheme.name}`, async function* () {
          const all: Outcome[] = [];
          for (const [i, own] of seedsFrom(seed, seeds).entries()) {
            const path = yield* followRegression(trainer, {
              batchSize: scheme.policy,
              seed: own,
              target: TARGET,
              mostSteps: MOST_STEPS,
              signal,
              show: i === 0 ? (soFar) => drawn(name, scheme, soFar) : undefined,
            });
            all.push(outcomeOf(path, scheme.adaptive));
          }
          return all;
        });
        results.set(`${name}, ${scheme.name}`, outcomes);
      }
    }
    yield points(
      "steps",
      "1/k",
      [1, 10, 100, 1000].map((x) => ({ x, y: 0.05 / x })),
    );

    for (const { name, schemes } of methods)
      yield table({
        id: name,
        title: `${name}: medians over ${seeds} seeds`,
        columns: [
          { key: "scheme", label: "batches" },
          { key: "steps", label: "steps to 1e-4" },
          { key: "samples", label: "samples to 1e-4" },
          { key: "growth", label: "steps to 1e-4 over steps to 1e-3" },
          { key: "slope", label: "slope of ln min ‖∇F‖² on ln k" },
          { key: "batch", label: "last batch" },
        ],
        rows: schemes.map(({ name: scheme }) => {
          const own = resultOf(name, scheme);
          const slope = middle(own, (o) => o.slope);
          return {
            scheme,
            steps: middle(own, (o) => o.steps),
            samples: middle(own, (o) => o.samples),
            growth: middle(own, (o) => o.steps / o.coarse),
            slope: Number.isNaN(slope) ? null : slope,
            batch: middle(own, (o) => o.finalBatch),
          };
        }),
      });

    const checks: Check[] = [];
    for (const { name, claim } of methods) {
      const of = (scheme: string, figure: (o: Outcome) => number) => middle(resultOf(name, scheme), figure);
      const steps = (scheme: string) => of(scheme, (o) => o.steps);
      const samples = (scheme: string) => of(scheme, (o) => o.samples);
      const growth = (scheme: string) => of(scheme, (o) => o.steps / o.coarse);
      const fewest = Math.min(...shared.filter((s) => !s.adaptive).map((s) => samples(s.name)));
      const add = (label: string, measured: number, condition: Check["condition"]) =>
        checks.push(check(claim, `${name}: ${label}`, measured, condition));
      add("steps with η = 0.9 over those with b = 8", steps("η = 0.9") / steps("b = 8"), { atMost: 0.1 });
      add("samples with η = 0.9 over the fewest with one size", samples("η = 0.9") / fewest, {
        atMost: 1.25,
      });
      add("steps with η = 0.5 over those with b = 65,536", steps("η = 0.5") / steps("b = 65536"), {
        atMost: 6,
      });
      add("samples with η = 0.5 over those with b = 65,536", samples("η = 0.5") / samples("b = 65536"), {
        atMost: 0.3,
      });
      add(
        "slope of ln min ‖∇F‖² on ln k, η = 0.9",
        of("η = 0.9", (o) => o.slope),
        { atMost: -0.95 },
      );
      add(
        "slope of ln min ‖∇F‖² on ln k, η = 0.5",
        of("η = 0.5", (o) => o.slope),
        { atMost: -0.95 },
      );
      add(
        "slope of ln min ‖∇F‖² on ln k, b = 8",
        of("b = 8", (o) => o.slope),
        { above: -0.95 },
      );
      add("steps to 1e-4 over steps to 1e-3, η = 0.9", growth("η = 0.9"), { atMost: 2.5 });
      add("steps to 1e-4 over steps to 1e-3, b = 8", growth("b = 8"), { atLeast: 6 });
    }
    const adaptive = [...results].filter(([key]) => key.includes("η")).flatMap(([, outcomes]) => outcomes);
    checks.push(
      check(
        "C3",
        `steps at which a batch shrank, ${adaptive.length} adaptive runs`,
        adaptive.reduce((total, { decreases }) => total + decreases, 0),
        { equals: 0 },
      ),
    );
    yield progress(1, "done");

    const told = (method: string, scheme: string) => {
      const own = resultOf(method, scheme);
      return `${formatFigure(middle(own, (o) => o.steps))} steps and ${formatFigure(middle(own, (o) => o.samples))} samples`;
    };
    const last = (scheme: string) =>
      formatFigure(middle(resultOf("AdaGradNorm", scheme), (o) => o.finalBatch));
    return {
      checks,
      captions: {
        steps: `The first seed. To 1e-4, medians: η = 0.9 takes ${told("AdaGradNorm", "η = 0.9")}, b = 8 takes ${told("AdaGradNorm", "b = 8")}, b = 65,536 takes ${told("AdaGradNorm", "b = 65536")}. The dashed line falls as 1/k.`,
        samples: `The same runs against the samples that they used. Medians to 1e-4: ${formatFigure(middle(resultOf("AdaGradNorm", "η = 0.9"), (o) => o.samples))} with η = 0.9, ${formatFigure(middle(resultOf("AdaGradNorm", "b = 8"), (o) => o.samples))} with b = 8.`,
        batches: `The last batches, medians: ${last("η = 0.9")} (η = 0.9), ${last("η = 0.5")} (η = 0.5), ${last("η = 0.3")} (η = 0.3).`,
      },
      summary: [
        `AdaGradNorm with the norm test, η = 0.9: ${told("AdaGradNorm", "η = 0.9")}; η = 0.5: ${told("AdaGradNorm", "η = 0.5")}; with batches of 8: ${told("AdaGradNorm", "b = 8")}.`,
        `AdaGrad with the norm test, η = 0.9: ${told("AdaGrad", "η = 0.9")}; with batches of 8: ${told("AdaGrad", "b = 8")}.`,
        `The coordinate-wise test asks for the strictest of ten coordinates: with η = 0.9 AdaGrad takes ${told("AdaGrad", coordinatewise.name)}, and its batches end at ${formatFigure(middle(resultOf("AdaGrad", coordinatewise.name), (o) => o.finalBatch))}.`,
      ],
    };
  },
});
