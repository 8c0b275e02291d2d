import { z } from "zod";
import { check, formatRounded } from "../check.ts";
import { curve, defineExperiment, type ExperimentRun, point } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { descend, rangeOf } from "./descend.ts";
import { diagonalBalance, diagonalProblem } from "./problems.ts";

const starts = [1, 2, 4, 8, 16] as const;
const MOST = starts[starts.length - 1];
const data = { d: 200, n: 60 };
const RATE = 0.02;
const methods = [
  { method: "SGD", batchSize: 1, steps: 60_000 },
  { method: "GD", batchSize: data.n, steps: 5000 },
] as const;

interface Ended {
  readonly balance: number;
  readonly loss: number;
  readonly steps: number;
  readonly trace: number;
}

interface Row extends Ended {
  readonly method: string;
  readonly start: number;
  readonly seed: number;
}

/** Largest and smallest ratios at the end, and at the end over the start. */
function figuresOf(rows: readonly Row[]) {
  const of = (method: string, from: number) =>
    rows.filter((row) => row.method === method && row.start >= from);
  const kept = (method: string, from: number) =>
    rangeOf(of(method, from).map(({ balance, start }) => balance / start));
  return {
    sgd: rangeOf(of("SGD", 1).map(({ balance }) => balance))[1],
    gd: rangeOf(of("GD", 2).map(({ balance }) => balance)),
    sgdKept: kept("SGD", MOST)[1],
    gdKept: kept("GD", 2)[0],
  };
}

export default defineExperiment({
  description:
    "Starts diagonal linear networks with layers of unequal size, r = (|a|² + |b|²)/(2‖β‖₁) from 1 to 16, and trains them by SGD with single samples and by gradient descent at the same learning rate.",
  parameters: z.object({
    seeds: z.int().min(1).max(20).default(10).describe("seeds of data, start and order"),
  }),
  profiles: { quick: { seeds: 3 }, full: {} },
  seconds: { quick: 2, full: 7 },
  plots: [
    dotPlot(
      "balance",
      "Balance ratio before and after training",
      logAxis("r at the start"),
      logAxis("r at the end"),
      { series: ["SGD", "GD"], references: ["balanced", "as at the start"] },
    ),
    linePlot(
      "path",
      "Balance ratio during training, r = 16 at the start, first seed",
      "share of the allowed steps",
      logAxis("r"),
      { series: ["SGD", "GD"] },
    ),
  ],

  async *measure({ parameters: { seeds }, seed, signal, stage }) {
    yield curve("balance", "balanced", [starts[0], MOST], (x) => ({ x, y: 1 }));
    yield curve("balance", "as at the start", [starts[0], MOST], (x) => ({ x, y: x }));
    const each = repeatSeeds(seed, seeds);
    const plan = each.flatMap((s) =>
      starts.flatMap((start) => methods.map((how) => ({ ...how, start, seed: s }))),
    );
    const rows: Row[] = [];
    for (const [k, { method, batchSize, steps, start, seed: s }] of plan.entries()) {
      const name = `${method}, r = ${start}, seed ${s}`;
      const ended = yield* stage(name, async function* (): ExperimentRun<Ended> {
        const drawn = start === MOST && s === each[0];
        const { minimum, theta } = yield* descend(
          diagonalProblem(data, s, start),
          { rate: RATE, batchSize, steps, clip: 100, tolerance: 1e-10, seed: s },
          {
            signal,
            at: { fraction: k / plan.length, share: 1 / plan.length, name },
            *show(iterate) {
              if (drawn) yield point("path", method, iterate.step / steps, diagonalBalance(iterate.theta));
            },
          },
        );
        const { loss, trace } = minimum;
        return { balance: diagonalBalance(theta), loss, steps: minimum.steps, trace };
      });
      rows.push({ method, start, seed: s, ...ended });
      yield point("balance", method, start, ended.balance);
    }
    return { rows };
  },

  judge({ rows }) {
    const { sgdKept, gdKept } = figuresOf(rows);
    return [
      check(
        "C6",
        `SGD from r = ${MOST}: r at the end over r at the start, largest`,
        sgdKept,
        { atMost: 0.5 },
        criterion("“toward balanced” loses at least half the imbalance of the start"),
      ),
      check(
        "C6",
        "GD from r = 2 and more: r at the end over r at the start, smallest",
        gdKept,
        { atLeast: 1 },
        criterion("“does not” is no more balanced than at the start"),
      ),
    ];
  },

  present({ rows }) {
    const found = figuresOf(rows);
    const [sgd, low, high] = [found.sgd, ...found.gd].map(formatRounded);
    return {
      headline: `Started with balance ratios of up to ${MOST}, SGD ends at ${sgd} or less; gradient descent, started at 2 or more, ends at ${low} to ${high}.`,
      captions: {
        balance: `SGD ends with r ≤ ${sgd} from every start; gradient descent ends with ${low} to ${high}, at least ${formatRounded(found.gdKept)} times the r at its start. By symmetry a balanced network stays balanced.`,
        path: "SGD loses its imbalance while its trace is above 2/η; gradient descent has no reason to.",
      },
      summary: [
        `Unequal layers make the trace larger than the function needs: Tr G is near 2 r ‖β‖₁. SGD must lower it below 2/η, and lowers r with it, to at most ${sgd}.`,
        "Gradient descent keeps r: each coordinate conserves a² − b² for small steps.",
      ],
      tables: [
        tableOf(
          "runs",
          "Where each run ended",
          {
            ...{ method: "method", start: "r at the start", seed: "seed" },
            ...{ balance: "r at the end", steps: "steps", loss: "training loss" },
            ...{ share: "η Tr G / 2" },
          },
          rows.map(({ trace, ...row }) => ({ ...row, share: (RATE * trace) / 2 })),
        ),
      ],
    };
  },
});
