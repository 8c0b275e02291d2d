import { type ScalingRule, scaleLearningRate } from "gradus/curvature";
import { sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { curve, defineExperiment, type ExperimentRun, progress, replacePoints } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { momentumSgd, plainAdam } from "./optimizers.ts";
import { digitsProblem } from "./problems.ts";
import { batchPlan, compileRuns, type RatedOptimizer } from "./runs.ts";

const BASE_BATCH = 8;
/** Both rules are judged up to this factor: the range of batches over which the largest rate of Adam is fitted. */
const LARGEST_JUDGED = 64;
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

/** The results of a method's rules at one batch size. */
interface Outcome {
  readonly factor: number;
  readonly batchSize: number;
  readonly rate: Readonly<Record<ScalingRule, number>>;
  /** Mean final training loss; null where a run diverged. */
  readonly loss: Readonly<Record<ScalingRule, number | null>>;
}

interface OfMethod {
  /** Mean final training loss of the base. */
  readonly base: number;
  readonly outcomes: readonly Outcome[];
}

function byRule<T>(value: (rule: ScalingRule) => T): Record<ScalingRule, T> {
  return { linear: value("linear"), sqrt: value("sqrt"), constant: value("constant") };
}

/** With |ln(loss / loss of the base)| of each rule; infinite where a run diverged. */
const distancesOf = ({ base, outcomes }: OfMethod) =>
  outcomes.map((outcome) => ({
    ...outcome,
    distance: byRule((rule) => Math.abs(Math.log((outcome.loss[rule] ?? Infinity) / base))),
  }));

function figuresOf(found: Readonly<Record<Method["name"], OfMethod>>) {
  const [SGD, Adam] = [distancesOf(found.SGD), distancesOf(found.Adam)];
  const distancesUpTo = (all: typeof SGD) =>
    all.filter(({ batchSize }) => batchSize <= LARGEST_JUDGED).map(({ distance }) => distance);
  const [near, ofAdam] = [distancesUpTo(SGD), distancesUpTo(Adam)];
  return {
    SGD,
    Adam,
    linear: Math.max(...near.map(({ linear }) => linear)),
    linearOverSqrt: Math.max(...near.map(({ linear, sqrt }) => linear / sqrt)),
    beyond: SGD[SGD.length - 1].distance.linear,
    ofAdam: byRule((rule) => sampleMean(ofAdam.map((distance) => distance[rule]))),
  };
}

const lossPlot = (name: Method["name"]) =>
  linePlot(
    name.toLowerCase(),
    `${name}: training loss after the same number of epochs`,
    logAxis("batch size, rows"),
    logAxis("mean final training loss"),
    {
      series: name === "SGD" ? ["linear", "sqrt", "constant"] : ["sqrt", "linear", "constant"],
      references: [`base, b = ${BASE_BATCH}`],
    },
  );

export default defineExperiment({
  description:
    "Trains on digits for 6 epochs at 2 to 32 times the batch size, with the learning rate scaled linearly, by the square root, or not at all, and compares the loss with that of the base.",
  parameters: z.object({
    seeds: z.int().min(1).max(50).default(5).describe("seeds of starts and batches"),
    epochs: z.int().min(1).max(100).default(6).describe("epochs, whatever the batch size"),
  }),
  profiles: { quick: { seeds: 3 }, full: {} },
  seconds: { quick: 2, full: 3 },
  plots: [lossPlot("SGD"), lossPlot("Adam")],

  async *measure({ parameters: { seeds, epochs }, seed, signal, stage }) {
    const problem = await digitsProblem();
    const each = repeatSeeds(seed, seeds);
    const found: Record<Method["name"], OfMethod> = {
      SGD: { base: Number.NaN, outcomes: [] },
      Adam: { base: Number.NaN, outcomes: [] },
    };
    for (const [m, { name, optimizer, baseRate }] of methods.entries()) {
      using training = await compileRuns(problem, optimizer);
      const plot = name.toLowerCase();
      /** Mean final losses at each rate. */
      const lossesAt = async (batchSize: number, rates: readonly number[]): Promise<number[]> => {
        const steps = Math.floor((epochs * problem.rows) / batchSize);
        const runs = rates.flatMap((rate) => each.map((s) => ({ rate, seed: s })));
        const { losses } = await training.run(training.start(runs.map((run) => problem.start(run.seed))), {
          plans: runs.map((run) => batchPlan(run.seed, problem.rows, { batchSize, steps })),
          batchSize,
          rates: runs.map((run) => run.rate),
          momenta: runs.map(() => 0),
        });
        return rates.map((_, i) => {
          const own = losses.slice(i * seeds, (i + 1) * seeds);
          return own.every(Number.isFinite) ? sampleMean(own) : Number.POSITIVE_INFINITY;
        });
      };
      // The largest batches, and so the fewest steps, first: the first figures appear soon.
      const measured: Outcome[] = [];
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
        const lossOf = (rule: ScalingRule) => losses[rules.indexOf(rule)];
        const finite = (value: number) => (Number.isFinite(value) ? value : null);
        measured.unshift({ factor, batchSize, rate, loss: byRule((rule) => finite(lossOf(rule))) });
        for (const rule of rules)
          yield replacePoints(
            plot,
            rule,
            measured.flatMap(({ batchSize: x, loss }) => (loss[rule] === null ? [] : [{ x, y: loss[rule] }])),
          );
      }
      const base = yield* stage(`${name} base`, async function* (): ExperimentRun<number> {
        yield progress((m + 5 / 6) / 2, `${name}, batches of ${BASE_BATCH}`);
        return (await lossesAt(BASE_BATCH, [baseRate]))[0];
      });
      const last = BASE_BATCH * factors[factors.length - 1];
      yield curve(plot, `base, b = ${BASE_BATCH}`, [BASE_BATCH, last], (x) => ({ x, y: base }));
      found[name] = { base, outcomes: measured };
    }
    return found;
  },

  judge(found) {
    const { linear, linearOverSqrt, beyond, ofAdam } = figuresOf(found);
    const same = criterion("“the same” loss is within about 20%, a distance of 0.2");
    const closer = criterion("a rule is better if its loss is at least twice as close to the base’s");
    return [
      check(
        "C3",
        "SGD: largest distance |ln(loss/base)| of the linear rule at 2 to 8 times the batch",
        linear,
        { atMost: 0.2 },
        same,
      ),
      check(
        "C3",
        "SGD: largest distance of the linear rule over that of the square root at 2 to 8 times the batch",
        linearOverSqrt,
        { atMost: 0.5 },
        closer,
      ),
      check(
        "C3",
        "SGD: distance |ln(loss/base)| of the linear rule at 32 times the batch, α = 1.6",
        beyond,
        { atLeast: 0.5 },
        criterion("beyond the plateau the linear rule misses the base’s loss by more than half of it"),
      ),
      check(
        "C4",
        "Adam: mean distance |ln(loss/base)| of the square root at 2 to 8 times the batch",
        ofAdam.sqrt,
        { atMost: 0.2 },
        same,
      ),
      check(
        "C4",
        "Adam: mean distance of the square root over that of the linear rule at 2 to 8 times the batch",
        ofAdam.sqrt / ofAdam.linear,
        { atMost: 0.5 },
        closer,
      ),
      check(
        "C4",
        "Adam: mean distance of the square root over that of no scaling at 2 to 8 times the batch",
        ofAdam.sqrt / ofAdam.constant,
        { atMost: 0.5 },
        closer,
      ),
    ];
  },

  present(found) {
    const { SGD, Adam, linear, beyond, ofAdam } = figuresOf(found);
    const percent = (distance: number) => `${formatRounded(100 * Math.expm1(distance))}%`;
    const later = Adam.filter(({ factor }) => factor > 8).map(
      ({ factor, distance }) =>
        `at f = ${factor} ${formatRounded(distance.sqrt)} (linear ${formatRounded(distance.linear)}, none ${formatRounded(distance.constant)})`,
    );
    return {
      headline: `With the linear rule SGD stays within ${percent(linear)} of its loss up to eight times the batch; with the square root Adam stays within ${percent(ofAdam.sqrt)} on average.`,
      captions: {
        sgd: `At up to eight times the batch the linear rule is within ${formatRounded(linear)} of the logarithm of the loss at b = ${BASE_BATCH}; at 32 times, where the rate is ${formatRounded(SGD[SGD.length - 1].rate.linear)}, it is off by ${formatRounded(beyond)}.`,
        adam: `At two to eight times the batch the mean distance from the base is ${formatRounded(ofAdam.sqrt)} for the square root, ${formatRounded(ofAdam.linear)} for the linear rule and ${formatRounded(ofAdam.constant)} without scaling.`,
      },
      summary: [
        `SGD: distances of the linear rule ${SGD.map(({ factor, distance }) => `${formatRounded(distance.linear)} at f = ${factor}`).join(", ")}.`,
        `Adam: distances of the square root at larger batches, which are not judged: ${later.join(", ")}.`,
        "The number of epochs is fixed, so f times the batch means f times fewer steps. Batches are drawn with replacement.",
      ],
      tables: [
        {
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
          rows: Object.entries({ SGD, Adam }).flatMap(([method, own]) =>
            own.map(({ batchSize, rate, loss, distance }) => ({
              method,
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
        },
      ],
    };
  },
});
