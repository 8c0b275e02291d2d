import { collaborativeTraining, littleIsEnough, nearestNeighbors, plainMean } from "gradus/collaborative";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, point, points, progress, table } from "../experiment.ts";
import { scatteredBowls } from "./quadratics.ts";

const NODES = 48;
const DIMENSION = 10;
const MOMENTUM = 0.9;
const rates = [0.05, 0.1] as const;
const faultCounts = [0, 1, 2, 4] as const;
/** Steps at the end over which the error is averaged. */
const LAST = 100;
const stepsFor = (rate: number) => Math.round(20 / rate) + 200;

interface Setting {
  readonly faulty: number;
  readonly rate: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** |mean of the honest models|^2, whose optimum is 0, by step. */
async function errors({ faulty, rate, seed, signal }: Setting): Promise<Float64Array> {
  const steps = stepsFor(rate);
  const run = collaborativeTraining(scatteredBowls(NODES - faulty, DIMENSION, seed), {
    faulty,
    mixing: faulty === 0 ? plainMean() : nearestNeighbors(),
    attack: faulty === 0 ? undefined : littleIsEnough(),
    momentum: MOMENTUM,
    learningRate: rate,
    seed,
    signal,
  });
  const squares = new Float64Array(steps + 1);
  for await (const { iteration, mean } of run) {
    squares[iteration] = mean.reduce((sum, x) => sum + x * x, 0);
    if (iteration === steps) break;
  }
  return squares;
}

export default defineExperiment({
  id: "floor",
  title: "Different data: an error that no step size removes",
  description:
    "48 nodes minimize |θ − c_i|²/2 with different c_i and exact gradients; ALIE keeps the honest mean away from its optimum. The remaining error is measured against f and the learning rate.",
  claims: ["C5"],
  parameters: z.object({
    seeds: z.int().min(1).max(50).default(10).describe("sets of centers c_i"),
  }),
  profiles: { quick: { seeds: 2 }, full: {} },
  seconds: { quick: 6, full: 30 },
  plots: [
    {
      id: "floor",
      title: "The remaining error against the share of faulty nodes",
      x: { label: "faulty nodes f/n", scale: "log" },
      y: { label: "|mean θ − optimum|²", scale: "log" },
      mark: "line",
      series: rates.map((rate) => `γ = ${rate}`),
      references: ["ζ² f/n"],
    },
    {
      id: "path",
      title: "From the start to the floor, γ = 0.1",
      x: { label: "step" },
      y: { label: "|mean θ − optimum|²", scale: "log" },
      mark: "line",
      series: faultCounts.map((f) => `f = ${f}`),
    },
  ],

  async *run({ parameters: { seeds }, seed, signal, stage }) {
    const floors = new Map<string, number>();
    let done = 0;
    // The rate whose paths are drawn first.
    for (const rate of rates.toReversed())
      for (const faulty of faultCounts) {
        const message = `γ = ${rate}, f = ${faulty}`;
        yield progress(done / (rates.length * faultCounts.length), message);
        const floor = yield* stage(message, async function* () {
          let sum = 0;
          for (let s = 0; s < seeds; s++) {
            const path = await errors({ faulty, rate, seed: seed * 1000 + s, signal });
            sum += path.subarray(-LAST).reduce((total, e) => total + e, 0) / LAST;
            if (s === 0 && rate === 0.1)
              yield points(
                "path",
                `f = ${faulty}`,
                Array.from({ length: 81 }, (_, k) => Math.round((k * stepsFor(rate)) / 80)).map((t) => ({
                  x: t,
                  y: Math.max(path[t], 1e-12),
                })),
              );
          }
          if (faulty > 0) yield point("floor", `γ = ${rate}`, faulty / NODES, sum / seeds);
          return sum / seeds;
        });
        floors.set(message, floor);
        done += 1;
      }
    yield points(
      "floor",
      "ζ² f/n",
      faultCounts.filter((f) => f > 0).map((f) => ({ x: f / NODES, y: f / NODES })),
    );
    const floor = (rate: number, faulty: number) => floors.get(`γ = ${rate}, f = ${faulty}`) ?? Number.NaN;
    yield table({
      id: "floors",
      title: `Remaining error, mean of the last ${LAST} steps`,
      columns: [
        { key: "f", label: "f" },
        { key: "small", label: `γ = ${rates[0]}` },
        { key: "large", label: `γ = ${rates[1]}` },
        { key: "bound", label: "f/n" },
      ],
      rows: faultCounts.map((f) => ({
        f,
        small: floor(rates[0], f),
        large: floor(rates[1], f),
        bound: f / NODES,
      })),
    });
    const checks: Check[] = [];
    for (const f of faultCounts)
      if (f > 0)
        checks.push(
          check("C5", `floor at γ = 0.1 over floor at γ = 0.05, f = ${f}`, floor(0.1, f) / floor(0.05, f), {
            between: [0.8, 1.25],
          }),
        );
    for (const rate of rates) {
      for (const f of faultCounts)
        if (f > 0)
          checks.push(check("C5", `floor with f = ${f}, γ = ${rate}`, floor(rate, f), { atMost: f / NODES }));
      checks.push(
        check("C5", `floor with f = 4 over floor with f = 1, γ = ${rate}`, floor(rate, 4) / floor(rate, 1), {
          atLeast: 4,
        }),
        check("C5", `error without faulty nodes, γ = ${rate}`, floor(rate, 0), { below: 1e-6 }),
      );
    }
    yield progress(1, "done");
    const growth = Math.log(floor(0.1, 4) / floor(0.1, 1)) / Math.log(4);
    return {
      checks,
      captions: {
        floor: `The floor grows as f to the power ${formatFigure(growth)} under this attack, and stays below f/n; it is the same for both learning rates.`,
        path: `Without faulty nodes the error falls to ${formatFigure(floor(0.1, 0))} (drawn no lower than 1e-12); with one it stops at ${formatFigure(floor(0.1, 1))}, with four at ${formatFigure(floor(0.1, 4))}.`,
      },
      summary: [
        `With exact gradients, only the difference of the nodes' data is left, and it leaves an error of ${formatFigure(floor(0.1, 1))}, ${formatFigure(floor(0.1, 2))} and ${formatFigure(floor(0.1, 4))} for f = 1, 2 and 4. Halving the learning rate does not change it.`,
        `The bound is linear in f/n; ALIE reaches only ${formatFigure((floor(0.1, 4) * NODES) / 4)} of it at f = 4, growing as f to the power ${formatFigure(growth)}.`,
      ],
    };
  },
});
