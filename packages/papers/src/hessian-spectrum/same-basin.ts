import { item } from "@gradus/graph";
import { hutchinsonTrace, linearPath, lossHessianOperator } from "gradus/curvature";
import { solve } from "gradus/iterate";
import { extremeEigenpairs } from "gradus/linalg";
import { compileTrainer, sgd, type Trainer } from "gradus/train";
import { parameterLayout } from "gradus/tree";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import {
  defineExperiment,
  type ExperimentEvent,
  type ExperimentRun,
  progress,
  replacePoints,
} from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { compileScores, digits, digitsLoss, digitsStart, TRAINING_ROWS } from "./digits.ts";
import type { Parameters } from "./problems.ts";

const learningRate = 0.1;
const smallBatch = 10;
const stepsAnEpoch = TRAINING_ROWS / smallBatch;

/** Solutions, by the letter of their phase. */
interface Solutions {
  /** The large batch until it settles. */
  readonly A: Parameters;
  /** From A with small batches. */
  readonly B: Parameters;
  /** From B with the large batch. */
  readonly C: Parameters;
  /** From where A started, with small batches. */
  readonly S: Parameters;
  /** The large batch from another start. */
  readonly I: Parameters;
}

const ends = ["B", "C", "S", "I"] as const;
type End = (typeof ends)[number];
const names: Readonly<Record<End, string>> = {
  B: "A to B: then small batches",
  C: "A to C: and the large batch again",
  S: "A to S: small batches from the same start",
  I: "A to I: another start",
};

/** The line between both starts, shown until the line to the other start's solution is available. */
const untrained = "before training";

interface Along {
  readonly t: Float64Array;
  readonly loss: Float64Array;
  readonly accuracy: Float64Array;
  readonly barrier: number;
  readonly chordBarrier: number;
  readonly distance: number;
}

/** The solutions whose curvature is measured. */
const solutions = ["A", "B", "S"] as const;

interface Sharpness {
  readonly largest: number;
  readonly trace: number;
  readonly standardError: number;
}

interface Measured {
  readonly lines: Readonly<Record<End, Along>>;
  readonly sharp: Readonly<Record<(typeof solutions)[number], Sharpness>>;
  /** ‖A‖. */
  readonly size: number;
}

async function last(run: AsyncIterable<{ readonly parameters: Parameters }>): Promise<Parameters> {
  let parameters: Parameters | undefined;
  for await (const iterate of run) parameters = iterate.parameters;
  if (!parameters) throw new Error("training yields at least where it starts");
  return parameters;
}

/** A line in both plots. */
function* drawn(name: string, { t, loss, accuracy }: Along): Generator<ExperimentEvent, void, void> {
  const along = (values: Float64Array) => Array.from(t, (x, i) => ({ x, y: values[i] }));
  yield replacePoints("loss", name, along(loss));
  yield replacePoints("accuracy", name, along(accuracy));
}

/** A line and its ends, in numbers. */
interface Line {
  readonly first: number;
  readonly last: number;
  readonly barrier: number;
  readonly chord: number;
  readonly distance: number;
  readonly accuracy: number;
}

/** What one seed found. */
interface Found {
  readonly seed: number;
  /** ‖A‖. */
  readonly size: number;
  readonly lines: Readonly<Record<End, Line>>;
  readonly sharp: Readonly<Record<(typeof solutions)[number], Sharpness>>;
}

function figuresOf(found: readonly Found[]) {
  const barriers = (end: End): number[] => found.map(({ lines }) => lines[end].barrier);
  return {
    barriers,
    highest: Math.max(...barriers("B"), ...barriers("C"), ...barriers("S")),
    apart: Math.min(...found.map(({ lines, size }) => lines.B.distance / size)),
  };
}

export default defineExperiment({
  description:
    "Trains a network on digits with the full batch (A), continues with small batches (B) and back (C), and measures the loss on the straight lines between the solutions; another start is the control.",
  parameters: z.object({
    scale: z.number().min(0.05).max(2).default(1).describe("factor on all numbers of steps"),
    seeds: z.int().min(1).max(10).default(3).describe("seeds of starts and batches"),
    probes: z.int().min(2).max(1000).default(20).describe("Hutchinson probes of the trace"),
  }),
  profiles: { quick: { scale: 0.5 }, full: { probes: 100 } },
  seconds: { quick: 15, full: 40 },
  plots: [
    linePlot(
      "loss",
      "Training loss on the lines from A",
      "t, from A (0) to the other solution (1)",
      logAxis("training loss"),
      { series: ends.map((end) => names[end]) },
    ),
    linePlot(
      "accuracy",
      "Test accuracy on the lines from A",
      "t, from A (0) to the other solution (1)",
      "test accuracy",
      { series: ends.map((end) => names[end]) },
    ),
  ],

  async *measure({ parameters: { scale, seeds, probes }, seed, signal, stage }) {
    const { train, test } = await digits();
    const each = repeatSeeds(seed, seeds);
    const like = digitsStart(each[0], "start");
    const layout = parameterLayout(like);
    const steps = (count: number): number => Math.max(stepsAnEpoch, Math.round(count * scale));
    const options = { loss: digitsLoss, parameters: like, data: train, optimizer: sgd({ learningRate }) };
    type Loop = Trainer<Parameters, typeof train, Record<string, never>, Record<string, never>>;
    using onTrain = await compileScores(like, train);
    using onTest = await compileScores(like, test);
    yield progress(0, "before training: the line between both starts");
    yield* drawn(untrained, await along(like, digitsStart(each[0], "another start")));
    using large: Loop = await compileTrainer({ ...options, batchSize: "full" });
    using small: Loop = await compileTrainer({ ...options, batchSize: smallBatch });
    using H = await lossHessianOperator({ loss: digitsLoss, parameters: like, data: train });

    const withLarge = (parameters: Parameters, count: number) =>
      last(large.train({ parameters, epochs: steps(count), epochsPerIterate: 100, signal }));
    const withSmall = (parameters: Parameters, count: number, s: number) =>
      last(
        small.train({
          parameters,
          epochs: Math.round(steps(count) / stepsAnEpoch),
          epochsPerIterate: 5,
          seed: s,
          signal,
        }),
      );

    async function* trained(s: number, at: number): ExperimentRun<Pick<Measured, "lines"> & Solutions> {
      const start = digitsStart(s, "start");
      const say = (part: number, text: string) => progress(at + part / seeds, `seed ${s}: ${text}`);
      async function* line(end: End, from: Parameters, to: Parameters): ExperimentRun<Along> {
        const found = await along(from, to);
        if (s === each[0]) yield* drawn(names[end], found);
        if (s === each[0] && end === "I")
          for (const plot of ["loss", "accuracy"]) yield replacePoints(plot, untrained, []);
        return found;
      }
      yield say(0, "A, full batch");
      const A = await withLarge(start, 2000);
      yield say(0.25, "B, small batches from A");
      const B = await withSmall(A, 4000, s);
      const toB = yield* line("B", A, B);
      yield say(0.35, "C, full batch from B");
      const C = await withLarge(B, 1000);
      const toC = yield* line("C", A, C);
      yield say(0.45, "S, small batches from the start");
      const S = await withSmall(start, 6000, s);
      const toS = yield* line("S", A, S);
      yield say(0.6, "I, full batch from another start");
      const I = await withLarge(digitsStart(s, "another start"), 4000);
      const toI = yield* line("I", A, I);
      return { A, B, C, S, I, lines: { B: toB, C: toC, S: toS, I: toI } };
    }

    async function along(a: Parameters, b: Parameters): Promise<Along> {
      const path = await linearPath(
        async (x) => item((await onTrain.run({ parameters: layout.unpack(x), batch: train })).loss),
        layout.pack(a),
        layout.pack(b),
        { signal },
      );
      const accuracy = new Float64Array(path.t.length);
      const [from, to] = [layout.pack(a), layout.pack(b)];
      for (const [i, t] of path.t.entries()) {
        const x = from.map((value, j) => (1 - t) * value + t * to[j]);
        accuracy[i] = item((await onTest.run({ parameters: layout.unpack(x), batch: test })).accuracy);
      }
      return { ...path, accuracy };
    }

    async function sharpness(parameters: Parameters, s: number): Promise<Sharpness> {
      const here = H.at({ parameters });
      const { values } = await extremeEigenpairs(here, { count: 1, tolerance: 1e-4, seed: s, signal });
      const { iterate } = await solve(hutchinsonTrace(here, { probes, seed: s, signal }));
      return { largest: values[0], trace: iterate.estimate, standardError: iterate.standardError };
    }

    const found: Found[] = [];
    for (const [k, s] of each.entries()) {
      const { lines, sharp, size } = yield* stage(`seed ${s}`, async function* (): ExperimentRun<Measured> {
        const { lines, A, B, S } = yield* trained(s, k / seeds);
        yield progress((k + 0.75) / seeds, `seed ${s}: curvature`);
        const sharp = { A: await sharpness(A, s), B: await sharpness(B, s), S: await sharpness(S, s) };
        const size = Math.sqrt(layout.pack(A).reduce((sum, value) => sum + value ** 2, 0));
        return { lines, sharp, size };
      });
      const figures = ({ loss, accuracy, barrier, chordBarrier, distance }: Along): Line => ({
        first: loss[0],
        last: loss[loss.length - 1],
        barrier,
        chord: chordBarrier,
        distance,
        accuracy: accuracy[accuracy.length - 1],
      });
      const { B, C, S, I } = lines;
      found.push({
        seed: s,
        size,
        lines: { B: figures(B), C: figures(C), S: figures(S), I: figures(I) },
        sharp,
      });
    }
    return found;
  },

  judge(found) {
    const { barriers, apart } = figuresOf(found);
    const joined = criterion(
      "“connected” is a rise below 0.01 nats, half a percent of the loss of guessing among ten classes",
    );
    return [
      ...(["B", "C", "S"] as const).map((end) =>
        check(
          "C5",
          `largest barrier on the line A–${end} (nats)`,
          Math.max(...barriers(end)),
          { atMost: 0.01 },
          joined,
        ),
      ),
      check(
        "C5",
        "smallest distance ‖A − B‖ over ‖A‖",
        apart,
        { atLeast: 0.1 },
        criterion(
          "“appear to converge to different basins” needs solutions at least a tenth of their norm apart",
        ),
      ),
      ourCheck(
        "smallest barrier on the line A–I, to another start (nats)",
        Math.min(...barriers("I")),
        { atLeast: 0.05 },
        criterion(
          "the control: a barrier that these lines can show stands at least five times above what counts as none",
        ),
      ),
    ];
  },

  present(found) {
    const { barriers, highest, apart } = figuresOf(found);
    const control = barriers("I");
    const least = formatRounded(Math.min(...control));
    const rise =
      highest > 0
        ? `rises by at most ${formatRounded(highest)} above its ends`
        : "never rises above its ends";
    return {
      headline: `On straight lines between solutions of large and small batches the loss ${rise}; to another start it rises by at least ${least}.`,
      captions: {
        loss: `On the lines to B, C and S the loss ${rise}; to another start the barrier is ${formatRounded(control[0])} for the seed shown.`,
        accuracy: "The test accuracy along the same lines.",
      },
      summary: [
        `Solutions A and B of large and small batches are at least ${formatRounded(apart)} of the norm of A apart, yet the loss on the straight lines from A to B, C and S ${rise}. Between independent starts it rises by ${control.map(formatRounded).join(", ")}.`,
        `Largest eigenvalue at A (large batch) against B (small batches): ${found.map(({ sharp }) => `${formatRounded(sharp.A.largest)} against ${formatRounded(sharp.B.largest)}`).join("; ")}.`,
      ],
      tables: [
        tableOf(
          "lines",
          "The lines from A",
          {
            seed: "seed",
            line: "line",
            first: "loss at A",
            last: "loss at the end",
            barrier: "barrier",
            chord: "above the chord",
            distance: "distance",
            size: "‖A‖",
            accuracy: "test accuracy at the end",
          },
          found.flatMap(({ seed, lines, size }) =>
            ends.map((end) => ({ seed, line: `A–${end}`, ...lines[end], size })),
          ),
        ),
        tableOf(
          "sharpness",
          "Curvature at the solutions",
          {
            seed: "seed",
            solution: "solution",
            largest: "λ₁",
            trace: "trace",
            standardError: "standard error of the trace",
          },
          found.flatMap(({ seed, sharp }) =>
            solutions.map((solution) => ({ seed, solution, ...sharp[solution] })),
          ),
        ),
      ],
    };
  },
});
