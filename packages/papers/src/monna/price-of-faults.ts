import { collaborativeTraining, littleIsEnough, nearestNeighbors, plainMean } from "gradus/collaborative";
import { sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import {
  curve,
  defineExperiment,
  type ExperimentRun,
  type Point,
  progress,
  replacePoints,
  type Show,
} from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { noisyBowl } from "./quadratics.ts";

const NODES = 48;
const DIMENSION = 10;
const RATE = 0.05;
const EVALUATIONS = 8;
const FAULT_FREE_STEPS = 20_000;
/** Steps after which an error is first shown. */
const FIRST_SHOWN = 250;
const faultCounts = [1, 2, 3, 4] as const;
const MOMENTUM = 0.95;
/** Steps of the paper's MNIST experiment, in which LEARN's batch grows by one per step and the others' is 25. */
const LEARN_STEPS = 600;
const BATCH = 25;

/** Mean squared norm of the iterates of n nodes that average everything, once they have settled. */
export function faultFreeError(momentum: number): number {
  return ((DIMENSION / NODES) * RATE * (1 + momentum)) / (2 * (1 + momentum) - RATE * (1 - momentum));
}

/** A settled error. */
interface Settled {
  readonly momentum: number;
  readonly f: number;
  readonly error: number;
}

const MOST = faultCounts[faultCounts.length - 1];
/** The factor by which batches must grow to make up for the faults. */
const overheadOf = ({ momentum, error }: Settled) => error / faultFreeError(momentum);

function settled(errors: readonly Settled[], momentum: number, f: number): Settled {
  const found = errors.find((one) => one.momentum === momentum && one.f === f);
  return found ?? { momentum, f, error: Number.NaN };
}

const label = (momentum: number) => (momentum === 0 ? "NNA, without momentum" : "MoNNA, momentum 0.95");

interface Setting {
  readonly faulty: number;
  readonly momentum: number;
  readonly steps: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Called with the error that trainings of 250, 500, 1000, ... steps would have. */
  readonly show?: Show<number>;
}

/** The mean of |mean of the honest models|^2 over the second half of a training. */
async function* settledError({
  faulty,
  momentum,
  steps,
  seed,
  signal,
  show = () => [],
}: Setting): ExperimentRun<number> {
  const run = collaborativeTraining(noisyBowl(NODES - faulty, DIMENSION, seed), {
    faulty,
    mixing: faulty === 0 ? plainMean() : nearestNeighbors(),
    attack: faulty === 0 ? undefined : littleIsEnough({ evaluations: EVALUATIONS }),
    momentum,
    learningRate: RATE,
    seed,
    signal,
  });
  let sum = 0;
  let [recent, shorter] = [0, FIRST_SHOWN];
  for await (const { iteration, mean: center } of run) {
    let square = 0;
    for (const x of center) square += x * x;
    if (iteration > steps / 2) for (const x of center) sum += x * x;
    if (iteration > shorter / 2) recent += square;
    if (iteration === steps) break;
    if (iteration === shorter) {
      yield* show(recent / Math.floor(shorter / 2));
      [recent, shorter] = [0, 2 * shorter];
    }
  }
  return sum / Math.floor(steps / 2);
}

export default defineExperiment({
  description:
    "48 nodes minimize |θ|²/2 from noisy gradients while up to four of them send the worst ALIE model. The settled error divided by the fault-free error is the gradient overhead: the factor by which batches must grow to make up for the faults.",
  parameters: z.object({
    steps: z
      .int()
      .min(200)
      .max(100_000)
      .default(20_000)
      .describe("steps with faulty nodes; the second half is averaged"),
    seeds: z.int().min(1).max(50).default(10).describe("repetitions"),
    momentumFree: z
      .enum(["all", "largest"])
      .default("all")
      .describe("runs without momentum: every number of faulty nodes, or only the largest"),
  }),
  profiles: { quick: { steps: 1000, seeds: 2, momentumFree: "largest" }, full: {} },
  seconds: { quick: 11, full: 700 },
  plots: [
    linePlot(
      "overhead",
      "Gradient overhead",
      "faulty nodes f of 48",
      logAxis("error with faults / error without"),
      { series: [label(MOMENTUM), label(0)], references: ["1 + f"] },
    ),
  ],

  async *measure({ parameters: { steps, seeds, momentumFree }, seed, signal, stage }) {
    const plan = [MOMENTUM, 0].flatMap((momentum) =>
      faultCounts
        .filter((f) => momentum > 0 || momentumFree === "all" || f === MOST)
        .map((faulty) => ({ momentum, faulty })),
    );
    const drawn = new Map<number, readonly Point[]>();
    let done = 0;
    const parts = (plan.length + 2) * seeds;
    async function* repeated(faulty: number, momentum: number, length: number): ExperimentRun<number[]> {
      const errors: number[] = [];
      const expected = faultFreeError(momentum);
      for (let s = 0; s < seeds; s++) {
        const show = (error: number) => [
          replacePoints("overhead", label(momentum), [
            ...(drawn.get(momentum) ?? []),
            { x: faulty, y: sampleMean([...errors, error]) / expected },
          ]),
        ];
        const message = `f = ${faulty}, momentum ${momentum}, run ${s + 1} of ${seeds}`;
        errors.push(
          yield* stage(message, async function* () {
            yield progress(done / parts, message);
            return yield* settledError({
              faulty,
              momentum,
              steps: length,
              seed: seed * 1000 + s,
              signal,
              show,
            });
          }),
        );
        done += 1;
      }
      const overhead = { x: faulty, y: sampleMean(errors) / expected };
      drawn.set(momentum, [...(drawn.get(momentum) ?? []), overhead]);
      yield replacePoints("overhead", label(momentum), drawn.get(momentum) ?? []);
      return errors;
    }

    yield curve("overhead", "1 + f", [0, ...faultCounts], (f) => ({ x: f, y: 1 + f }));
    const faultFree: Settled[] = [];
    for (const momentum of [MOMENTUM, 0])
      faultFree.push({ momentum, f: 0, error: sampleMean(yield* repeated(0, momentum, FAULT_FREE_STEPS)) });
    const faults: Settled[] = [];
    for (const { momentum, faulty } of plan)
      faults.push({ momentum, f: faulty, error: sampleMean(yield* repeated(faulty, momentum, steps)) });
    return { faultFree, faults };
  },

  judge({ faultFree, faults }) {
    const withMomentum = faults.filter(({ momentum }) => momentum > 0);
    return [
      ...withMomentum.map((one) =>
        check(
          "C2",
          `gradient overhead, f = ${one.f}`,
          overheadOf(one),
          { atMost: 1 + one.f },
          criterion("linear in f with the constant 1, since the paper’s constant could not be read"),
        ),
      ),
      check(
        "C4",
        `gradient overhead without momentum over the one with momentum, f = ${MOST}`,
        overheadOf(settled(faults, 0, MOST)) / overheadOf(settled(faults, MOMENTUM, MOST)),
        { atLeast: 2 },
        criterion("momentum makes the difference if the overhead without it is at least twice as large"),
      ),
      ...faultFree.map((one) =>
        ourCheck(
          `fault-free error over its closed form, momentum ${one.momentum}`,
          overheadOf(one),
          { between: [0.9, 1.1] },
          criterion("the closed form is exact; a tenth allows for the noise of a finite run"),
        ),
      ),
    ];
  },

  present({ faultFree, faults }) {
    const overhead = (momentum: number, f: number) => formatRounded(overheadOf(settled(faults, momentum, f)));
    const learn = (LEARN_STEPS * (LEARN_STEPS + 1)) / 2;
    return {
      headline: `With ${MOST} faulty nodes of ${NODES} MoNNA needs ${overhead(MOMENTUM, MOST)} times the gradients of fault-free training, and ${overhead(0, MOST)} times without momentum.`,
      captions: {
        overhead: `With ${MOST} faulty nodes MoNNA needs ${overhead(MOMENTUM, MOST)} times the gradients of fault-free training; the same mixing without momentum needs ${overhead(0, MOST)} times as many.`,
      },
      summary: [
        `The error is proportional to the variance of the gradients, so the ratio of the errors is the factor by which the batch must grow: ${faultCounts.map((f) => `${overhead(MOMENTUM, f)} at f = ${f}`).join(", ")}. The criterion allows 1 + f.`,
        `By its rule, LEARN computes ${formatRounded(learn)} gradients per node in ${LEARN_STEPS} steps (one more in each step); MoNNA with batches of ${BATCH} computes ${formatRounded(LEARN_STEPS * BATCH)}, ${formatRounded(learn / (LEARN_STEPS * BATCH))} times fewer.`,
      ],
      tables: [
        tableOf(
          "errors",
          "Settled errors",
          {
            method: "method",
            momentum: "momentum",
            f: "f",
            error: "|mean θ|²",
            overhead: "over the fault-free closed form",
          },
          [...faultFree, ...faults].map((one) => ({
            method: one.f === 0 ? "D-SGD" : one.momentum > 0 ? "MoNNA" : "NNA",
            momentum: one.momentum,
            f: one.f,
            error: one.error,
            overhead: overheadOf(one),
          })),
        ),
      ],
    };
  },
});
