import { type ScalingRule, scaleLearningRate } from "gradus/curvature";
import { sampleMean } from "gradus/statistics";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import {
  defineExperiment,
  type ExperimentRun,
  points,
  progress,
  replacePoints,
  table,
} from "../experiment.ts";
import { momentumSgd, plainAdam } from "./optimizers.ts";
import { digitsProblem } from "./problems.ts";
import { batchPlan, compileRuns, type RatedOptimizer } from "./runs.ts";

const BASE_BATCH = 8;
const factors = [2, 4, 8, 16, 32] as const;
const rules = ["linear", "sqrt", "constant"] as const satisfies readonly ScalingRule[];

interface Method {
  readonly name: "SGD" | "Adam";
  readonly optimizer: RatedOptimizer;
  readonly baseRate: number;
}

const methods: readonly Method[] = [
  { name: "SGD", optimizer: momentumSgd, baseRate: 0.05 },
  { name: "Adam", optimizer: plainAdam, baseRate: 0.004 },
];

/** What a method's rules came to at one batch size. */
interface Outcome {
  readonly factor: number;
  readonly batchSize: number;
  readonly rate: Readonly<Record<ScalingRule, number>>;
  /** Mean final training loss; infinite where a run diverged. */
  readonly loss: Readonly<Record<ScalingRule, number>>;
  /** |ln(loss / loss of the base)| */
  readonly distance: Readonly<Record<ScalingRule, number>>;
}

const byRule = (value: (rule: ScalingRule) => number): Record<ScalingRule, number> => ({
  linear: value("linear"),
  sqrt: value("sqrt"),
  constant: value("constant"),
});

const lossPlot = (name: Method["name"]) =>
  ({
    id: name.toLowerCase(),
    title: `${name}: training loss after the same number of epochs`,
    x: { label: "batch size, rows", scale: "log" },
    y: { label: "mean final training loss", scale: "log" },
    mark: "line",
    series: name === "SGD" ? ["linear", "sqrt", "constant"] : ["sqrt", "linear", "constant"],
    references: [`base, b = ${BASE_BATCH}`],
  }) as const;

export default defineExperiment({
  id: "scaling-rules",
  title: "How the learning rate should follow the batch size",
  description:
    "Trains on digits for 6 epochs at 2 to 32 times the batch size, with the learning rate scaled linearly, by the square root, or not at all, and compares the loss with that of the base.",
  claims: ["C3", "C4"],
  parameters: z.object({
    seeds: z.int().min(1).max(50).default(5).describe("seeds of starts and batches"),
    epochs: z.int().min(1).max(100).default(6).describe("epochs, whatever the batch size"),
  }),
  profiles: { quick: { seeds: 3 }, full: {} },
  seconds: { quick: 2, full: 3 },
  plots: [lossPlot("SGD"), lossPlot("Adam")],

  async *run({ parameters: { seeds, epochs }, seed, signal, stage }) {
    const problem = await digitsProblem();
    const outcomes: Record<Method["name"], Outcome[]> = { SGD: [], Adam: [] };
    for (const [m, { name, optimizer, baseRate }] of methods.entries()) {
      using training = await compileRuns(problem, optimizer);
      const plot = name.toLowerCase();
      /** Mean final losses at each rate. */
      const lossesAt = async (batchSize: number, rates: readonly number[]): Promise<number[]> => {
        const steps = Math.floor((epochs * problem.rows) / batchSize);
        const each = rates.flatMap((rate) =>
          Array.from({ length: seeds }, (_, k) => ({ rate, seed: seed + k })),
        );
        const { losses } = await training.run(training.start(each.map((run) => problem.start(run.seed))), {
          plans: each.map((run) => batchPlan(run.seed, problem.rows, { batchSize, steps })),
          batchSize,
          rates: each.map((run) => run.rate),
          momenta: each.map(() => 0),
        });
        return rates.map((_, i) => {
          const own = losses.slice(i * seeds, (i + 1) * seeds);
          return own.every(Number.isFinite) ? sampleMean(own) : Number.POSITIVE_INFINITY;
        });
      };
      // From the largest batches, and so the fewest steps, on: the first figures are there soon.
      const measured: Omit<Outcome, "distance">[] = [];
      for (const [i, factor] of factors.toReversed().entries()) {
        signal.throwIfAborted();
        const batchSize = factor * BASE_BATCH;
        const rate = byRule((rule) => scaleLearningRate(baseRate, BASE_BATCH, batchSize, rule));
        const losses = yield* stage(`${name} ${batchSize}`, async function* (): ExperimentRun<number[]> {
          yield progress((m + i / 6) / 2, `${name}, batches of ${batchSize}`);
          return lossesAt(
            batchSize,
            rules.map((rule) => rate[rule]),
          );
        });
        measured.unshift({ factor, batchSize, rate, loss: byRule((rule) => losses[rules.indexOf(rule)]) });
        for (const rule of rules)
          yield replacePoints(
            plot,
            rule,
            measured
              .map(({ batchSize: x, loss }) => ({ x, y: loss[rule] }))
              .filter(({ y }) => Number.isFinite(y)),
          );
      }
      const base = yield* stage(`${name} base`, async function* (): ExperimentRun<number> {
        yield progress((m + 5 / 6) / 2, `${name}, batches of ${BASE_BATCH}`);
        return (await lossesAt(BASE_BATCH, [baseRate]))[0];
      });
      const last = BASE_BATCH * factors[factors.length - 1];
      yield points(
        plot,
        `base, b = ${BASE_BATCH}`,
        [BASE_BATCH, last].map((x) => ({ x, y: base })),
      );
      outcomes[name] = measured.map((one) => ({
        ...one,
        distance: byRule((rule) => Math.abs(Math.log(one.loss[rule] / base))),
      }));
    }

    yield table({
      id: "rules",
      title: "Distance |ln(loss / loss of the base)| of each rule",
      columns: [
        { key: "method", label: "method" },
        { key: "b", label: "batch size" },
        ...rules.flatMap((rule) => [
          { key: `rate-${rule}`, label: `α, ${rule}` },
          { key: `loss-${rule}`, label: `loss, ${rule}` },
          { key: `distance-${rule}`, label: `distance, ${rule}` },
        ]),
      ],
      rows: methods.flatMap(({ name }) =>
        outcomes[name].map(({ batchSize, rate, loss, distance }) => ({
          method: name,
          b: batchSize,
          ...Object.fromEntries(
            rules.flatMap((rule) => [
              [`rate-${rule}`, rate[rule]],
              [`loss-${rule}`, loss[rule]],
              [`distance-${rule}`, distance[rule]],
            ]),
          ),
        })),
      ),
    });

    const near = (list: readonly Outcome[], most: number) => list.filter(({ factor }) => factor <= most);
    const sgd = near(outcomes.SGD, 8);
    const farthest = outcomes.SGD[outcomes.SGD.length - 1];
    const ofAdam = byRule((rule) => sampleMean(near(outcomes.Adam, 4).map(({ distance }) => distance[rule])));
    const checks: Check[] = [
      check(
        "C3",
        "SGD, f = 2, 4, 8: largest distance of the linear rule",
        Math.max(...sgd.map(({ distance }) => distance.linear)),
        { atMost: 0.2 },
      ),
      check(
        "C3",
        "SGD, f = 2, 4, 8: largest distance of the linear rule over that of the square root",
        Math.max(...sgd.map(({ distance }) => distance.linear / distance.sqrt)),
        { atMost: 0.5 },
      ),
      check(
        "C3",
        `SGD, f = 32, α = ${formatFigure(farthest.rate.linear)} beyond the plateau: distance of the linear rule`,
        farthest.distance.linear,
        { atLeast: 0.5 },
      ),
      check("C4", "Adam, f = 2, 4: mean distance of the square-root rule", ofAdam.sqrt, { atMost: 0.2 }),
      check("C4", "Adam, f = 2, 4: the same over that of the linear rule", ofAdam.sqrt / ofAdam.linear, {
        atMost: 0.6,
      }),
      check("C4", "Adam, f = 2, 4: the same over that of no scaling", ofAdam.sqrt / ofAdam.constant, {
        atMost: 0.6,
      }),
    ];
    const later = outcomes.Adam.filter(({ factor }) => factor === 8 || factor === 16).map(
      ({ factor, distance }) =>
        `at f = ${factor} ${formatFigure(distance.sqrt)} (linear ${formatFigure(distance.linear)}, none ${formatFigure(distance.constant)})`,
    );
    yield progress(1, "done");
    return {
      checks,
      captions: {
        sgd: `With the linear rule SGD ends where it does at b = ${BASE_BATCH} until the rate meets the plateau: at f = 32 the rate is ${formatFigure(farthest.rate.linear)}.`,
        adam: "With the square root Adam stays closest at twice and four times the batch; beyond, fewer steps tell and no rule keeps the loss.",
      },
      summary: [
        `SGD: distances of the linear rule ${outcomes.SGD.map(({ factor, distance }) => `${formatFigure(distance.linear)} at f = ${factor}`).join(", ")}.`,
        `Adam: distances of the square root beyond the condition ${later.join(", ")}: it is no longer clearly best there.`,
        "The number of epochs is fixed, so that f times the batch makes f times fewer steps. Batches are drawn with replacement.",
      ],
    };
  },
});
