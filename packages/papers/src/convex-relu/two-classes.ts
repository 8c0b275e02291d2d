import {
  convexNetworkIterates,
  type NetworkProblem,
  networkObjective,
  networkOutputs,
  samplePatterns,
  withOnes,
} from "gradus/optimize/convex-networks";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, type Point, progress, replacePoints } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { thinned } from "../shared/paths.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { adamEpochs } from "./descent.ts";
import { accuracyOf, imagePair } from "./problems.ts";

const RHO = 0.1;
const FIRST = 5;
const EARLY = 60;
const LAST = 200;
const EPOCHS = 600;
const RATE = 0.005;
/** Epochs between measurements of Adam's network. */
const EVERY = 10;
const SWEEP = [0.01, 0.1, 1];

/** The state of a training run. */
interface Reached {
  readonly step: number;
  readonly seconds: number;
  readonly objective: number;
  readonly accuracy: number;
}

interface Findings {
  readonly set: string;
  readonly rows: number;
  readonly admm: readonly Reached[];
  readonly adam: readonly Reached[];
  readonly violation: number;
  /** |program's objective / network's objective - 1| at the end. */
  readonly mismatch: number;
  readonly sweep: readonly { readonly beta: number; readonly accuracy: number; readonly units: number }[];
}

const at = (path: readonly Reached[], step: number): Reached => {
  const reached = path.find((one) => one.step === step);
  return reached ?? { step, seconds: Number.NaN, objective: Number.NaN, accuracy: Number.NaN };
};

function figuresOf({ admm, adam }: Findings) {
  const early = admm.filter(({ step }) => step <= EARLY);
  return {
    first: at(admm, FIRST),
    bestEarly: Math.max(...early.map(({ accuracy }) => accuracy)),
    end: at(admm, LAST),
    adamEnd: at(adam, EPOCHS),
  };
}

export default defineExperiment({
  description:
    "Digits 2 and 8, with squared loss and a few sampled patterns. ADMM on the convex program and Adam on the weights minimize the same objective; both networks are tested on images they have not seen.",
  parameters: z.object({
    images: z
      .enum(["digits", "mnist", "fashion-mnist"])
      .default("mnist")
      .describe("the bundled 8 × 8 digits, or test images of 28 × 28 averaged over squares of 2 × 2"),
    rows: z.int().min(100).max(1600).default(1000).describe("training images; the rest are test images"),
    patterns: z.int().min(5).max(120).default(40).describe("sampled activation patterns"),
    width: z.int().min(5).max(240).default(80).describe("hidden units of Adam’s network"),
  }),
  profiles: { quick: { images: "digits", rows: 250 }, full: {} },
  testImages: { images: ["mnist", "fashion-mnist"] },
  seconds: { quick: 5, full: 30 },
  plots: [
    linePlot("objective", "Training objective", "Seconds", logAxis("Objective of the network"), {
      series: ["ADMM", "Adam"],
    }),
    linePlot("accuracy", "Test accuracy", logAxis("Iteration or epoch"), "Accuracy", {
      series: ["ADMM", "Adam"],
    }),
  ],

  async *measure({ parameters: { images, rows, patterns: count, width }, seed, signal, stage }) {
    const split = await imagePair(images, [2, 8], { rows, seed, pooled: images !== "digits" });
    const problem: NetworkProblem = { ...split.train, beta: 0.01 };
    const patterns = samplePatterns(withOnes(split.train.x), { count, seed });

    const reached = (
      step: number,
      seconds: number,
      network: Parameters<typeof networkOutputs>[0],
    ): Reached => ({
      step,
      seconds,
      objective: networkObjective(problem, network),
      accuracy: accuracyOf(networkOutputs(network, split.test.x), split.test.y),
    });
    const curves = (series: string, path: readonly Reached[]) => {
      const drawn = thinned(path);
      const of = (y: (one: Reached) => number, x: (one: Reached) => number): Point[] =>
        drawn.map((one) => ({ x: x(one), y: y(one) }));
      return [
        replacePoints(
          "objective",
          series,
          of(
            ({ objective }) => objective,
            ({ seconds }) => seconds,
          ),
        ),
        replacePoints(
          "accuracy",
          series,
          of(
            ({ accuracy }) => accuracy,
            ({ step }) => step,
          ),
        ),
      ];
    };

    const admm = yield* stage("ADMM", async function* () {
      const path: Reached[] = [];
      let [seconds, since] = [0, performance.now()];
      for await (const iterate of convexNetworkIterates({ ...problem, patterns, rho: RHO, signal })) {
        const { iteration } = iterate;
        seconds += (performance.now() - since) / 1000;
        if (iteration > 0 && (iteration <= 10 || iteration % 5 === 0)) {
          path.push(reached(iteration, seconds, iterate.network));
          if (iteration % 20 === 0 || iteration === 1) {
            yield progress(0.4 * (iteration / LAST), `ADMM, iteration ${iteration}`);
            yield* curves("ADMM", path);
          }
        }
        since = performance.now();
        if (iteration < LAST) continue;
        const { objective, violation } = iterate;
        const { objective: own } = path[path.length - 1];
        return { path, violation, mismatch: Math.abs(objective / own - 1) };
      }
      throw new Error("ADMM ended before its limit");
    });

    const adam = yield* stage("Adam", async function* () {
      const path: Reached[] = [];
      let [seconds, since] = [0, performance.now()];
      for (const { epoch, network } of adamEpochs({
        problem,
        width,
        learningRate: RATE,
        epochs: EPOCHS,
        seed,
      })) {
        signal.throwIfAborted();
        seconds += (performance.now() - since) / 1000;
        if (epoch % EVERY === 0 || epoch <= 10) {
          path.push(reached(epoch, seconds, network()));
          if (epoch % 50 === 0) {
            yield progress(0.4 + 0.3 * (epoch / EPOCHS), `Adam, epoch ${epoch}`);
            yield* curves("Adam", path);
          }
        }
        since = performance.now();
      }
      return path;
    });

    const sweep: { beta: number; accuracy: number; units: number }[] = [];
    for (const beta of SWEEP) {
      yield progress(0.7 + 0.3 * (sweep.length / SWEEP.length), `β = ${beta}`);
      sweep.push(
        yield* stage(`beta ${beta}`, async function* () {
          yield* [];
          for await (const iterate of convexNetworkIterates({
            ...problem,
            beta,
            patterns,
            rho: RHO,
            signal,
          })) {
            if (iterate.iteration < LAST) continue;
            const { accuracy } = reached(LAST, 0, iterate.network);
            return { beta, accuracy, units: iterate.activeBlocks };
          }
          throw new Error("ADMM ended before its limit");
        }),
      );
    }
    yield progress(1, "done");
    const { path, violation, mismatch } = admm;
    return { set: images as string, rows, admm: path, adam, violation, mismatch, sweep };
  },

  judge(findings: Findings) {
    const { first, bestEarly, end, adamEnd } = figuresOf(findings);
    return [
      check(
        "C3",
        `test accuracy after ${FIRST} iterations`,
        first.accuracy,
        { atLeast: 0.95 },
        criterion("“high prediction accuracy” on two classes means at most one error in twenty images"),
      ),
      check(
        "C3",
        `best test accuracy of the first ${EARLY} iterations minus that after ${FIRST}`,
        bestEarly - first.accuracy,
        { atMost: 0.02 },
        criterion("the first iterations suffice if the next ones gain at most two images in a hundred"),
      ),
      check(
        "C3",
        `network objective of ADMM after ${LAST} iterations over Adam’s after ${EPOCHS} epochs`,
        end.objective / adamEnd.objective,
        { atMost: 1 },
        criterion("a method with global guarantees must not end above descent on the same objective"),
      ),
      ourCheck(
        `constraint violation after ${LAST} iterations`,
        findings.violation,
        { atMost: 0.01 },
        criterion("a hundredth of the range of the inputs: the patterns hold nearly everywhere"),
      ),
      ourCheck(
        "relative difference of the program’s objective and the network’s",
        findings.mismatch,
        { atMost: 0.02 },
        criterion("where the constraints nearly hold, the two must nearly agree"),
      ),
    ];
  },

  present(findings: Findings) {
    const { first, end, adamEnd } = figuresOf(findings);
    const { rows, set, sweep } = findings;
    const percent = (share: number) => `${formatRounded(100 * share)}%`;
    return {
      headline: `After ${FIRST} iterations ADMM classifies ${percent(first.accuracy)} of the unseen images correctly; after ${LAST} its objective is ${formatRounded(end.objective)}, against ${formatRounded(adamEnd.objective)} for Adam after ${EPOCHS} epochs.`,
      captions: {
        objective: `ADMM reaches ${formatRounded(end.objective)} in ${formatRounded(end.seconds)} s, Adam ${formatRounded(adamEnd.objective)} in ${formatRounded(adamEnd.seconds)} s, on the machine of this run.`,
        accuracy: `Test accuracy: ADMM ${percent(first.accuracy)} after ${FIRST} iterations and ${percent(end.accuracy)} after ${LAST}, Adam ${percent(adamEnd.accuracy)} after ${EPOCHS} epochs.`,
      },
      summary: [
        `${rows} images (${set}), squared loss, β = 0.01. A lower objective does not mean a better network: at a small β training fits its rows almost exactly. Test accuracy by β after ${LAST} iterations: ${sweep.map(({ beta, accuracy }) => `${percent(accuracy)} at ${beta}`).join(", ")}.`,
        "Seconds are from one run on one machine; no verdict rests on them.",
      ],
      tables: [
        tableOf(
          "paths",
          "Objective and test accuracy",
          {
            method: "method",
            step: "iteration or epoch",
            seconds: "seconds",
            objective: "objective",
            accuracy: "test accuracy",
          },
          [
            ...[FIRST, EARLY, LAST].map((step) => ({ method: "ADMM", ...at(findings.admm, step) })),
            ...[50, EPOCHS].map((step) => ({ method: "Adam", ...at(findings.adam, step) })),
          ],
        ),
        tableOf(
          "sweep",
          "By penalty",
          { beta: "β", accuracy: "test accuracy", units: "hidden units" },
          sweep,
        ),
      ],
    };
  },
});
