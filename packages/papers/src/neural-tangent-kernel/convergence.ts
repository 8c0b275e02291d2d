import { denseKernel } from "gradus/kernels";
import { randomStream } from "gradus/random";
import { logLogSlope, median, sampleMean } from "gradus/statistics";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, point, points, progress, table } from "../experiment.ts";
import { circlePoints, kernelProbe, kernelTrainer, paperNetwork } from "./networks.ts";

const DEPTH = 4;
const TRAINING = { points: 64, steps: 200, learningRate: 1 };
const angles = Array.from({ length: 33 }, (_, i) => -Math.PI + (i * 2 * Math.PI) / 32);
const probes = circlePoints(angles);
const anchor = circlePoints([0]);
const LIMIT = "infinite width";

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
/** Seeds of the widest networks, which take longest. */
const WIDE = { from: 10_000, seeds: 10 };

export default defineExperiment({
  id: "convergence",
  title: "The kernel of wide networks: one limit, hardly moved by training",
  description:
    "Draws networks of growing width, compares their tangent kernels on the circle with the infinite one, trains some for 200 steps and compares again.",
  claims: ["C1", "C2"],
  parameters: z.object({
    widest: z.int().min(256).max(10_000).default(10_000).describe("widest hidden layers"),
    seeds: z.int().min(3).max(64).default(16).describe("networks of each width"),
  }),
  profiles: { quick: { widest: 512 }, full: {} },
  seconds: { quick: 6, full: 6000 },
  plots: [
    {
      id: "error",
      title: "Distance from the infinite kernel, and what training changes",
      x: { label: "width n", scale: "log" },
      y: { label: "relative distance", scale: "log" },
      mark: "line",
      series: ["at initialization", "moved by 200 steps"],
      references: ["1/√n, for comparison"],
    },
    {
      id: "kernel",
      title: "Θ(x₀, x) on the circle, mean of the networks",
      x: { label: "angle between x₀ and x (rad)" },
      y: { label: "Θ(x₀, x)" },
      mark: "line",
      references: [LIMIT],
      variants: Object.fromEntries(everyWidth.map((n) => [trainedAt(n), ofWidth(n)])),
    },
  ],

  async *run({ parameters: { widest, seeds }, profile, seed, signal, stage }) {
    const plan = schedules[profile];
    const initial = plan.initial.filter((n) => n <= widest);
    const trained =
      profile === "quick"
        ? plan.initial.filter((n) => n <= widest)
        : [Math.min(500, Math.floor(widest / 2)), widest];
    const { values: limit } = await denseKernel({ depth: DEPTH }).ntk(probes, anchor);
    const size = rms([...limit]);
    yield points(
      "kernel",
      LIMIT,
      angles.map((x, i) => ({ x, y: limit[i] })),
    );

    const errors: { n: number; e: number; bias: number; worst: number }[] = [];
    for (const [k, n] of initial.entries()) {
      yield progress((0.4 * k) / initial.length, `networks of width ${n}`);
      errors.push(
        yield* stage(`initial ${n}`, async function* () {
          const kernels: (Float32Array | Float64Array)[] = [];
          await using probe = await kernelProbe(paperNetwork(DEPTH, n), probes, anchor);
          for (let s = 0; s < (n >= WIDE.from ? Math.min(seeds, WIDE.seeds) : seeds); s++) {
            signal.throwIfAborted();
            kernels.push(await probe.run(seed * 1000 + s));
            yield progress((0.4 * (k + s / seeds)) / initial.length, `networks of width ${n}`);
          }
          const columns = angles.map((_, i) => kernels.map((K) => K[i]));
          const e = rms(columns.flatMap((values, i) => values.map((v) => v - limit[i]))) / size;
          const biases = columns.map((values, i) => sampleMean(values) - limit[i]);
          // what is left of the distance of the mean beyond its sampling error
          const beyond = columns.map(
            (values, i) =>
              (Math.abs(biases[i]) - (3 * deviation(values)) / Math.sqrt(values.length)) / Math.abs(limit[i]),
          );
          yield point("error", "at initialization", n, e);
          yield points(
            "kernel",
            ofWidth(n),
            angles.map((x, i) => ({ x, y: sampleMean(columns[i]) })),
          );
          return { n, e, bias: sampleMean(biases) / sampleMean([...limit]), worst: Math.max(...beyond) };
        }),
      );
    }
    yield points(
      "error",
      "1/√n, for comparison",
      [errors[0], errors[errors.length - 1]].map(({ n }) => ({
        x: n,
        y: errors[0].e * Math.sqrt(errors[0].n / n),
      })),
    );

    const { train, y } = trainingSet(seed);
    const moves: { n: number; c: number; inflations: number[]; falls: number[] }[] = [];
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
            signal.throwIfAborted();
            yield progress(0.4 + (0.6 * (k + s / plan.trainedSeeds)) / trained.length, `training width ${n}`);
            const result = await trainer.run(seed * 1000 + s, y);
            const change = rms(Array.from(result.after, (v, i) => v - result.before[i]));
            runs.push({
              move: change / rms(Array.from(result.before)),
              inflation: sampleMean(Array.from(result.after, (v, i) => v / result.before[i])),
              fall: 1 - result.costs[1] / result.costs[0],
            });
            after.push(result.after);
          }
          const c = median(runs.map((run) => run.move));
          yield point("error", "moved by 200 steps", n, c);
          yield points(
            "kernel",
            trainedAt(n),
            angles.map((x, i) => ({ x, y: sampleMean(after.map((K) => K[i])) })),
          );
          return { n, c, inflations: runs.map((run) => run.inflation), falls: runs.map((run) => run.fall) };
        }),
      );
    }

    yield table({
      id: "widths",
      title: "Tangent kernels by width",
      columns: [
        { key: "n", label: "n" },
        { key: "e", label: "distance at initialization" },
        { key: "bias", label: "bias of the mean" },
        { key: "c", label: "moved by training" },
        { key: "inflation", label: "Θ(200)/Θ(0)" },
        { key: "fall", label: "fall of the cost" },
      ],
      rows: [...new Set([...initial, ...trained])]
        .sort((a, b) => a - b)
        .map((n) => {
          const [start, move] = [errors.find((row) => row.n === n), moves.find((row) => row.n === n)];
          return {
            n,
            e: start?.e ?? null,
            bias: start?.bias ?? null,
            c: move?.c ?? null,
            inflation: move ? sampleMean(move.inflations) : null,
            fall: move ? Math.min(...move.falls) : null,
          };
        }),
    });

    const slopeOf = (rows: readonly { n: number }[], values: readonly number[]) =>
      rows.length >= 3
        ? logLogSlope(
            rows.map(({ n }) => n),
            values,
          ).slope
        : undefined;
    const initialSlope =
      slopeOf(
        errors,
        errors.map(({ e }) => e),
      ) ?? Number.NaN;
    const wide = errors.filter(({ n }) => n >= 256);
    const [narrow, last] = [moves[0], moves[moves.length - 1]];
    const moveSlope =
      slopeOf(
        moves,
        moves.map(({ c }) => c),
      ) ?? Math.log(last.c / narrow.c) / Math.log(last.n / narrow.n);
    const inflated = moves.flatMap(({ inflations }) => inflations);
    const at512 = moves.find(({ n }) => n >= 500) ?? last;
    const checks: Check[] = [
      check("C1", "slope of ln e on ln n, e the distance from the infinite kernel", initialSlope, {
        between: [-0.65, -0.38],
      }),
      check(
        "C1",
        "n ≥ 256: bias of the mean kernel at any angle beyond 3 standard errors, relative",
        Math.max(...wide.map(({ worst }) => worst)),
        { atMost: 0.08 },
      ),
      check("C2", "slope of ln c on ln n, c the kernel's move in 200 steps", moveSlope, { atMost: -0.45 }),
      check("C2", `median move of the kernel at n = ${at512.n}, relative`, at512.c, { atMost: 0.25 }),
      check(
        "C2",
        "share of runs in which the kernel inflates",
        sampleMean(inflated.map((v) => Number(v > 1))),
        {
          atLeast: 0.8,
        },
      ),
      check(
        "C2",
        `inflation at n = ${last.n}, against half the one at n = ${narrow.n}`,
        sampleMean(last.inflations) - 1,
        { below: 0.5 * (sampleMean(narrow.inflations) - 1) },
      ),
      check(
        "C2",
        "smallest fall of the cost in 200 steps",
        Math.min(...moves.flatMap(({ falls }) => falls)),
        {
          above: 0.8,
        },
      ),
    ];
    const list = (rows: readonly { n: number }[], values: readonly number[]) =>
      rows.map(({ n }, i) => `${formatFigure(values[i])} at n = ${formatFigure(n)}`).join(", ");
    return {
      checks,
      captions: {
        error: `Kernels of random networks come to the infinite one as n to the power ${formatFigure(initialSlope)}; training moves them less the wider they are, as n to the power ${formatFigure(moveSlope)}.`,
        kernel: `Means of networks. At initialization they are ${formatFigure(Math.max(...errors.map(({ bias }) => Math.abs(bias))))} or less off the infinite kernel, relative; training raises them by ${formatFigure(sampleMean(narrow.inflations) - 1)} at n = ${narrow.n} and ${formatFigure(sampleMean(last.inflations) - 1)} at n = ${last.n}.`,
      },
      summary: [
        `Distance from the infinite kernel: ${list(
          errors,
          errors.map(({ e }) => e),
        )}.`,
        `200 steps multiply the kernel by ${list(
          moves,
          moves.map(({ inflations }) => sampleMean(inflations)),
        )}.`,
      ],
    };
  },
});
