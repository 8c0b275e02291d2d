import { denseKernel } from "gradus/kernels";
import { randomStream } from "gradus/random";
import { median, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { circlePoints, kernelProbe, kernelTrainer, paperNetwork } from "./networks.ts";
import { powerOf } from "./power.ts";

const DEPTH = 4;
const TRAINING = { points: 64, steps: 200, learningRate: 1 };
const angles = Array.from({ length: 33 }, (_, i) => -Math.PI + (i * 2 * Math.PI) / 32);
const probes = circlePoints(angles);
const anchor = circlePoints([0]);
const LIMIT = "infinite width";
const INITIAL = "at initialization";
const MOVED = "moved by 200 steps";
const ROOT = "1/√n, for comparison";

const rms = (values: readonly number[]) => Math.sqrt(sampleMean(values.map((v) => v * v)));
const deviation = (values: readonly number[]) => {
  const middle = sampleMean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - middle) ** 2, 0) / (values.length - 1));
};

/** Gaussian inputs of the plane, fixed once, and their products. */
function trainingSet(seed: number) {
  const x = randomStream(seed)
    .split("training inputs")
    .fillNormal(new Float64Array(2 * TRAINING.points));
  const y = Float64Array.from({ length: TRAINING.points }, (_, i) => x[2 * i] * x[2 * i + 1]);
  return { train: { rows: TRAINING.points, columns: 2, values: x }, y };
}

const schedules = {
  quick: { initial: [64, 128, 256, 512], trainedSeeds: 5 },
  full: { initial: [64, 128, 256, 512, 1024, 2048, 4096, 10_000], trainedSeeds: 10 },
} as const;
const everyWidth = [...schedules.full.initial];
const ofWidth = (n: number): string => `n = ${n}`;
const trainedAt = (n: number): string => `${ofWidth(n)}, trained`;
/** Number of seeds of the widest networks, which take longest. */
const WIDE = { from: 10_000, seeds: 10 };

/** Networks of one width at initialization. */
interface Start {
  readonly n: number;
  /** Root mean square distance from the infinite-width kernel, relative. */
  readonly e: number;
  readonly bias: number;
  /** The largest bias at an angle beyond 3 standard errors, relative. */
  readonly worst: number;
}

/** What training does to networks of one width. */
interface Move {
  readonly n: number;
  /** Relative change of the kernel, median of the networks. */
  readonly c: number;
  /** Kernel after training over the one before, mean of the networks. */
  readonly inflation: number;
  readonly fall: number;
}

function figuresOf({
  errors,
  moves,
}: {
  readonly errors: readonly Start[];
  readonly moves: readonly Move[];
}) {
  return {
    errors,
    moves,
    initialPower: powerOf(
      errors.map(({ n }) => n),
      errors.map(({ e }) => e),
    ),
    movePower: powerOf(
      moves.map(({ n }) => n),
      moves.map(({ c }) => c),
    ),
    narrow: moves[0],
    wide: moves[moves.length - 1],
  };
}

export default defineExperiment({
  description:
    "Draws networks of increasing width, compares their tangent kernels on the circle with the infinite-width kernel, then trains some of them for 200 steps and compares again.",
  parameters: z.object({
    widest: z.int().min(256).max(10_000).default(10_000).describe("widest hidden layers"),
    seeds: z.int().min(3).max(64).default(16).describe("networks of each width"),
  }),
  profiles: { quick: { widest: 512 }, full: {} },
  seconds: { quick: 6, full: 6000 },
  plots: [
    linePlot(
      "error",
      "Distance from the infinite-width kernel, and change during training",
      logAxis("width n"),
      logAxis("relative distance"),
      { series: [INITIAL, MOVED], references: [ROOT] },
    ),
    linePlot(
      "kernel",
      "Θ(x₀, x) on the circle, mean of the networks",
      "angle between x₀ and x (rad)",
      "Θ(x₀, x)",
      {
        references: [LIMIT],
        variants: Object.fromEntries(everyWidth.map((n) => [trainedAt(n), ofWidth(n)])),
      },
    ),
  ],

  async *measure({ parameters: { widest, seeds }, profile, seed, stage }) {
    const plan = schedules[profile];
    const initial = plan.initial.filter((n) => n <= widest);
    const trained =
      profile === "quick"
        ? plan.initial.filter((n) => n <= widest)
        : [Math.min(500, Math.floor(widest / 2)), widest];
    const { values: limit } = await denseKernel({ depth: DEPTH }).ntk(probes, anchor);
    const size = rms([...limit]);
    yield curve("kernel", LIMIT, angles, (x, i) => ({ x, y: limit[i] }));

    const errors: Start[] = [];
    for (const [k, n] of initial.entries()) {
      yield progress((0.4 * k) / initial.length, `networks of width ${n}`);
      errors.push(
        yield* stage(`initial ${n}`, async function* () {
          const kernels: (Float32Array | Float64Array)[] = [];
          await using probe = await kernelProbe(paperNetwork(DEPTH, n), probes, anchor);
          for (let s = 0; s < (n >= WIDE.from ? Math.min(seeds, WIDE.seeds) : seeds); s++) {
            kernels.push(
              yield* stage(`initial ${n}, ${s}`, async function* () {
                yield progress((0.4 * (k + s / seeds)) / initial.length, `networks of width ${n}`);
                return probe.run(seed * 1000 + s);
              }),
            );
          }
          const columns = angles.map((_, i) => kernels.map((K) => K[i]));
          const e = rms(columns.flatMap((values, i) => values.map((v) => v - limit[i]))) / size;
          const biases = columns.map((values, i) => sampleMean(values) - limit[i]);
          // the distance of the mean beyond its sampling error
          const beyond = columns.map(
            (values, i) =>
              (Math.abs(biases[i]) - (3 * deviation(values)) / Math.sqrt(values.length)) / Math.abs(limit[i]),
          );
          yield point("error", INITIAL, n, e);
          yield curve("kernel", ofWidth(n), angles, (x, i) => ({ x, y: sampleMean(columns[i]) }));
          return { n, e, bias: sampleMean(biases) / sampleMean([...limit]), worst: Math.max(...beyond) };
        }),
      );
    }
    yield curve("error", ROOT, [errors[0], errors[errors.length - 1]], ({ n }) => ({
      x: n,
      y: errors[0].e * Math.sqrt(errors[0].n / n),
    }));

    const { train, y } = trainingSet(seed);
    const moves: Move[] = [];
    for (const [k, n] of trained.entries()) {
      moves.push(
        yield* stage(`trained ${n}`, async function* () {
          const runs: { move: number; inflation: number; fall: number }[] = [];
          const after: (Float32Array | Float64Array)[] = [];
          await using trainer = await kernelTrainer(
            paperNetwork(DEPTH, n),
            { train, probes, anchor },
            TRAINING,
          );
          for (let s = 0; s < plan.trainedSeeds; s++) {
            const result = yield* stage(`trained ${n}, ${s}`, async function* () {
              yield progress(
                0.4 + (0.6 * (k + s / plan.trainedSeeds)) / trained.length,
                `training width ${n}`,
              );
              return trainer.run(seed * 1000 + s, y);
            });
            const change = rms(Array.from(result.after, (v, i) => v - result.before[i]));
            runs.push({
              move: change / rms(Array.from(result.before)),
              inflation: sampleMean(Array.from(result.after, (v, i) => v / result.before[i])),
              fall: 1 - result.costs[1] / result.costs[0],
            });
            after.push(result.after);
          }
          const c = median(runs.map((run) => run.move));
          yield point("error", MOVED, n, c);
          yield curve("kernel", trainedAt(n), angles, (x, i) => ({
            x,
            y: sampleMean(after.map((K) => K[i])),
          }));
          return {
            n,
            c,
            inflation: sampleMean(runs.map(({ inflation }) => inflation)),
            fall: Math.min(...runs.map(({ fall }) => fall)),
          };
        }),
      );
    }

    return { errors, moves };
  },

  judge(findings) {
    const { errors, moves, initialPower, movePower, narrow, wide } = figuresOf(findings);
    return [
      check(
        "C1",
        "power of n in the distance from the infinite-width kernel at initialization",
        initialPower,
        { atMost: -0.4 },
        criterion("a mean over n units converges as n to the power −0.5; “converges” allows a fifth less"),
      ),
      check(
        "C1",
        "bias of the mean kernel beyond 3 standard errors, relative, largest over angles and n ≥ 256",
        Math.max(...errors.filter(({ n }) => n >= 256).map(({ worst }) => worst)),
        { atMost: 0.05 },
        criterion("“the same mean” is within 5% beyond the sampling error"),
      ),
      check(
        "C2",
        "power of n in the relative change of the kernel during training",
        movePower,
        { atMost: -0.4 },
        criterion(
          "a mean over n units settles as n to the power −0.5; “constant in the limit” allows a fifth less",
        ),
      ),
      check(
        "C2",
        "growth of the kernel during training, widest networks over narrowest",
        narrow.inflation > 1 ? (wide.inflation - 1) / (narrow.inflation - 1) : 1,
        { atMost: 0.5 },
        criterion("“hardly” against “clearly” is at most half"),
      ),
      ...(wide.n >= WIDE.from
        ? [
            check(
              "C2",
              `relative change of the kernel during training, n = ${WIDE.from}, median`,
              wide.c,
              { atMost: 0.1 },
              criterion("“hardly moves” is at most 10%"),
            ),
          ]
        : []),
      ourCheck(
        "fall of the training cost in 200 steps, smallest of all networks",
        Math.min(...moves.map(({ fall }) => fall)),
        { above: 0.8 },
        criterion("a kernel that does not move means something only for a network that learns"),
      ),
    ];
  },

  present(findings) {
    const { errors, moves, initialPower, movePower, narrow, wide } = figuresOf(findings);
    const percent = (share: number) => `${formatRounded(100 * share)}%`;
    const list = <T extends { readonly n: number }>(rows: readonly T[], figure: (row: T) => string) =>
      rows.map((row) => `${figure(row)} at n = ${formatRounded(row.n)}`).join(", ");
    const last = errors[errors.length - 1];
    return {
      headline: `The tangent kernel at initialization is ${percent(errors[0].e)} from its infinite-width limit at n = ${formatRounded(errors[0].n)} and ${percent(last.e)} at n = ${formatRounded(last.n)}; training changes it by ${percent(narrow.c)} at n = ${formatRounded(narrow.n)} and ${percent(wide.c)} at n = ${formatRounded(wide.n)}.`,
      captions: {
        error: `The distance from the infinite-width kernel scales as n to the power ${formatRounded(initialPower)}, the change during training as n to the power ${formatRounded(movePower)}.`,
        kernel: `Means over networks. At initialization their average over the angles is within ${percent(Math.max(...errors.map(({ bias }) => Math.abs(bias))))} of the infinite-width kernel; training changes the kernel by ${percent(narrow.inflation - 1)} on average at n = ${narrow.n} and by ${percent(wide.inflation - 1)} at n = ${wide.n}.`,
      },
      summary: [
        `Distance from the infinite-width kernel: ${list(errors, ({ e }) => percent(e))}.`,
        `200 training steps multiply the kernel by ${list(moves, ({ inflation }) => formatRounded(inflation))}, on average.`,
      ],
      tables: [
        tableOf(
          "widths",
          "Tangent kernels by width",
          {
            n: "n",
            e: "distance at initialization",
            bias: "bias of the mean",
            c: "change during training",
            inflation: "Θ(200)/Θ(0)",
            fall: "smallest fall of the cost",
          },
          [...new Set([...errors, ...moves].map(({ n }) => n))]
            .sort((a, b) => a - b)
            .map((n) => {
              const { e = null, bias = null } = errors.find((row) => row.n === n) ?? {};
              const { c = null, inflation = null, fall = null } = moves.find((row) => row.n === n) ?? {};
              return { n, e, bias, c, inflation, fall };
            }),
        ),
      ],
    };
  },
});
