import { collaborativeTraining, littleIsEnough, nearestNeighbors, plainMean } from "gradus/collaborative";
import { sampleMean } from "gradus/statistics";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import {
  defineExperiment,
  type ExperimentRun,
  type Point,
  points,
  progress,
  replacePoints,
  type Show,
  table,
} from "../experiment.ts";
import { noisyBowl } from "./quadratics.ts";

const NODES = 48;
const DIMENSION = 10;
const RATE = 0.05;
const EVALUATIONS = 8;
const FAULT_FREE_STEPS = 20_000;
/** Steps after which an error is first told of. */
const FIRST_SHOWN = 250;
const faultCounts = [1, 2, 3, 4] as const;
const MOMENTUM = 0.95;
/** Steps of the paper's MNIST experiment, in which LEARN's batch grows by one a step and the others' is 25. */
const LEARN_STEPS = 600;
const BATCH = 25;

/** Mean squared norm of the iterates of n nodes that average everything, once they have settled. */
export function faultFreeError(momentum: number): number {
  return ((DIMENSION / NODES) * RATE * (1 + momentum)) / (2 * (1 + momentum) - RATE * (1 - momentum));
}

const label = (momentum: number) => (momentum === 0 ? "NNA, without momentum" : "MoNNA, momentum 0.95");

interface Setting {
  readonly faulty: number;
  readonly momentum: number;
  readonly steps: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Of the error that shorter trainings, of 250, 500, 1000, ... steps, come to. */
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
  id: "price-of-faults",
  title: "The price of faults, in gradients",
  description:
    "48 nodes minimize |θ|²/2 from noisy gradients, up to four of them sending the worst ALIE model; the settled error against the fault-free one is the factor by which batches must grow to make up for the faults.",
  claims: ["C2", "C4"],
  parameters: z.object({
    steps: z
      .int()
      .min(200)
      .max(100_000)
      .default(20_000)
      .describe("steps with faulty nodes; half are averaged"),
    seeds: z.int().min(1).max(50).default(10).describe("repetitions"),
    momentumFree: z
      .enum(["all", "largest"])
      .default("all")
      .describe("without momentum: all numbers of faulty nodes, or the largest alone"),
  }),
  profiles: { quick: { steps: 1000, seeds: 2, momentumFree: "largest" }, full: {} },
  seconds: { quick: 11, full: 700 },
  plots: [
    {
      id: "overhead",
      title: "How many times as many gradients",
      x: { label: "faulty nodes f of 48" },
      y: { label: "error with faults / without", scale: "log" },
      mark: "line",
      series: [label(MOMENTUM), label(0)],
      references: ["1 + f"],
    },
  ],

  async *run({ parameters: { steps, seeds, momentumFree }, seed, signal, stage }) {
    const plan = [MOMENTUM, 0].flatMap((momentum) =>
      faultCounts
        .filter((f) => momentum > 0 || momentumFree === "all" || f === faultCounts[faultCounts.length - 1])
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

    yield points(
      "overhead",
      "1 + f",
      [0, ...faultCounts].map((f) => ({ x: f, y: 1 + f })),
    );
    const checks: Check[] = [];
    const rows: Record<string, number | string>[] = [];
    for (const momentum of [MOMENTUM, 0]) {
      const error = sampleMean(yield* repeated(0, momentum, FAULT_FREE_STEPS));
      const expected = faultFreeError(momentum);
      rows.push({ method: "D-SGD", momentum, f: 0, error, overhead: error / expected });
      checks.push(
        check(
          "C2",
          `D-SGD, momentum ${momentum}: simulated error over the closed form ${formatFigure(expected)}`,
          error / expected,
          { between: [0.9, 1.1] },
        ),
      );
    }
    const overheads = new Map<string, number>();
    for (const { momentum, faulty } of plan) {
      const error = sampleMean(yield* repeated(faulty, momentum, steps));
      const overhead = error / faultFreeError(momentum);
      overheads.set(`${momentum} ${faulty}`, overhead);
      rows.push({ method: momentum > 0 ? "MoNNA" : "NNA", momentum, f: faulty, error, overhead });
      if (momentum > 0)
        checks.push(check("C2", `overhead with f = ${faulty}`, overhead, { atMost: 1 + faulty }));
    }
    const withMomentum = overheads.get(`${MOMENTUM} 4`) ?? Number.NaN;
    const without = overheads.get("0 4") ?? Number.NaN;
    checks.push(check("C4", "overhead without momentum, f = 4", without, { atLeast: 8 }));
    const learn = (LEARN_STEPS * (LEARN_STEPS + 1)) / 2;
    yield table({
      id: "errors",
      title: "Settled errors",
      columns: [
        { key: "method", label: "method" },
        { key: "momentum", label: "momentum" },
        { key: "f", label: "f" },
        { key: "error", label: "|mean θ|²" },
        { key: "overhead", label: "over the fault-free closed form" },
      ],
      rows,
    });
    yield progress(1, "done");
    return {
      checks,
      captions: {
        overhead: `With four faulty nodes MoNNA needs ${formatFigure(withMomentum)} times the gradients of fault-free training, the same mixing without momentum ${formatFigure(without)} times.`,
      },
      summary: [
        `The error is in proportion to the variance of the gradients, so the ratio of errors is the factor by which the batch must grow: ${faultCounts.map((f) => `${formatFigure(overheads.get(`${MOMENTUM} ${f}`) ?? Number.NaN)} at f = ${f}`).join(", ")}, where 1 + f is allowed.`,
        `LEARN takes ${formatFigure(learn)} gradients a node for ${LEARN_STEPS} steps, one more in each step, against ${formatFigure(LEARN_STEPS * BATCH)} of MoNNA with batches of ${BATCH}: ${formatFigure(learn / (LEARN_STEPS * BATCH))} times as many.`,
      ],
    };
  },
});
