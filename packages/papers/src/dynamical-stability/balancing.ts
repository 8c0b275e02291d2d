import { z } from "zod";
import { check, formatFigure } from "../check.ts";
import { defineExperiment, type ExperimentRun, point, points, progress, table } from "../experiment.ts";
import { descend, rangeOf } from "./descend.ts";
import { diagonalBalance, diagonalProblem } from "./problems.ts";

const starts = [1, 2, 4, 8, 16] as const;
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

export default defineExperiment({
  id: "balancing",
  title: "SGD balances the layers of a diagonal network, gradient descent does not",
  description:
    "Starts diagonal linear networks with layers of unequal size, r = (|a|² + |b|²)/(2‖β‖₁) from 1 to 16, and trains them by SGD with single samples and by gradient descent at the same learning rate.",
  claims: ["C6"],
  parameters: z.object({
    seeds: z.int().min(1).max(20).default(10).describe("seeds of data, start and order"),
  }),
  profiles: { quick: { seeds: 3 }, full: {} },
  seconds: { quick: 2, full: 7 },
  plots: [
    {
      id: "balance",
      title: "Balance ratio before and after training",
      x: { label: "r at the start", scale: "log" },
      y: { label: "r at the end", scale: "log" },
      mark: "dot",
      series: ["SGD", "GD"],
      references: ["balanced", "as at the start"],
    },
    {
      id: "path",
      title: "Balance ratio during training, r = 16 at the start, first seed",
      x: { label: "share of the allowed steps" },
      y: { label: "r", scale: "log" },
      mark: "line",
      series: ["SGD", "GD"],
    },
  ],

  async *run({ parameters: { seeds }, seed, signal, stage }) {
    const most = starts[starts.length - 1];
    yield points(
      "balance",
      "balanced",
      [starts[0], most].map((x) => ({ x, y: 1 })),
    );
    yield points(
      "balance",
      "as at the start",
      [starts[0], most].map((x) => ({ x, y: x })),
    );
    const each = Array.from({ length: seeds }, (_, k) => seed + k);
    const plan = each.flatMap((s) =>
      starts.flatMap((start) => methods.map((how) => ({ ...how, start, seed: s }))),
    );
    const rows: Row[] = [];
    for (const [k, { method, batchSize, steps, start, seed: s }] of plan.entries()) {
      const name = `${method}, r = ${start}, seed ${s}`;
      const ended = yield* stage(name, async function* (): ExperimentRun<Ended> {
        const drawn = start === most && s === seed;
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
    yield table({
      id: "runs",
      title: "Where each run ended",
      columns: [
        { key: "method", label: "method" },
        { key: "start", label: "r at the start" },
        { key: "seed", label: "seed" },
        { key: "balance", label: "r at the end" },
        { key: "steps", label: "steps" },
        { key: "loss", label: "training loss" },
        { key: "share", label: "η Tr G / 2" },
      ],
      rows: rows.map(({ trace, ...row }) => ({ ...row, share: (RATE * trace) / 2 })),
    });
    yield progress(1, "done");

    const of = (method: string, from: (start: number) => boolean) =>
      rows.filter((row) => row.method === method && from(row.start));
    const [, mostSgd] = rangeOf(of("SGD", () => true).map(({ balance }) => balance));
    const [leastGd, mostGd] = rangeOf(of("GD", (r) => r >= 2).map(({ balance }) => balance));
    const [kept] = rangeOf(of("GD", (r) => r >= 2).map(({ balance, start }) => balance / start));
    const last = (method: string) => of(method, (r) => r === most);
    const [, ratio] = rangeOf(last("SGD").map(({ balance }, k) => balance / last("GD")[k].balance));
    const [, moved] = rangeOf(
      rows.filter(({ start }) => start === 1).map(({ balance }) => Math.abs(balance - 1)),
    );
    return {
      checks: [
        check("C6", "SGD: largest r at the end, from all starts", mostSgd, { atMost: 4 }),
        check("C6", "GD: smallest r at the end over r at the start, from 2 and more", kept, { atLeast: 1 }),
        check("C6", `from r = ${most}: r of SGD over that of GD, largest`, ratio, { atMost: 0.25 }),
        check("C6", "from r = 1, both methods: largest distance from 1", moved, { atMost: 1e-9 }),
      ],
      captions: {
        balance: `From every start SGD ends with r ≤ ${formatFigure(mostSgd)}; gradient descent with ${formatFigure(leastGd)} to ${formatFigure(mostGd)}, no more balanced than it started. A balanced network stays so.`,
        path: "SGD loses its imbalance while its trace is above 2/η; gradient descent has no reason to.",
      },
      summary: [
        `Unequal layers make the trace larger than the function needs: Tr G is near 2 r ‖β‖₁. SGD must lower it below 2/η, and lowers r with it, to at most ${formatFigure(mostSgd)}.`,
        `Gradient descent keeps r: each coordinate conserves a² − b² for small steps.`,
      ],
    };
  },
});
