import { collaborativeTraining, littleIsEnough, nearestNeighbors, plainMean } from "gradus/collaborative";
import { z } from "zod";
import { formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, point, progress } from "../experiment.ts";
import { criterion } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { tableOf } from "../shared/tables.ts";
import { scatteredBowls } from "./quadratics.ts";

const NODES = 48;
const DIMENSION = 10;
const MOMENTUM = 0.9;
const rates = [0.05, 0.1] as const;
const faultCounts = [0, 1, 2, 4] as const;
/** Steps at the end over which the error is averaged. */
const LAST = 100;
const stepsFor = (rate: number) => Math.round(20 / rate) + 200;

/** The error that remains at the end. */
interface Floor {
  readonly rate: number;
  readonly f: number;
  readonly error: number;
}

const attacked = faultCounts.filter((f) => f > 0);
const floorOf = (floors: readonly Floor[]) => (rate: number, faulty: number) =>
  floors.find((one) => one.rate === rate && one.f === faulty)?.error ?? Number.NaN;

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
  description:
    "48 nodes minimize |θ − c_i|²/2 with different c_i and exact gradients while ALIE pulls the honest mean away from its optimum. The remaining error is measured for several f and two learning rates. An extension: the analysis that bounds this error could not be read.",
  parameters: z.object({
    seeds: z.int().min(1).max(50).default(10).describe("sets of centers c_i"),
  }),
  profiles: { quick: { seeds: 2 }, full: {} },
  seconds: { quick: 6, full: 30 },
  plots: [
    linePlot(
      "floor",
      "Remaining error by share of faulty nodes",
      logAxis("faulty nodes f/n"),
      logAxis("|mean θ − optimum|²"),
      { series: rates.map((rate) => `γ = ${rate}`), references: ["ζ² f/n"] },
    ),
    linePlot("path", "Error by step, γ = 0.1", "step", logAxis("|mean θ − optimum|²"), {
      series: faultCounts.map((f) => `f = ${f}`),
    }),
  ],

  async *measure({ parameters: { seeds }, seed, signal, stage }) {
    const floors: Floor[] = [];
    let done = 0;
    // The rate whose paths are drawn comes first.
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
              yield curve(
                "path",
                `f = ${faulty}`,
                Array.from({ length: 81 }, (_, k) => Math.round((k * stepsFor(rate)) / 80)),
                (t) => ({
                  x: t,
                  y: Math.max(path[t], 1e-12),
                }),
              );
          }
          if (faulty > 0) yield point("floor", `γ = ${rate}`, faulty / NODES, sum / seeds);
          return sum / seeds;
        });
        floors.push({ rate, f: faulty, error: floor });
        done += 1;
      }
    yield curve("floor", "ζ² f/n", attacked, (f) => ({ x: f / NODES, y: f / NODES }));
    return floors;
  },

  judge(floors) {
    const floor = floorOf(floors);
    return [
      ...attacked.map((f) =>
        ourCheck(
          `floor at γ = 0.1 over floor at γ = 0.05, f = ${f}`,
          floor(0.1, f) / floor(0.05, f),
          { between: [0.8, 1.25] },
          criterion("the same for both step sizes is a ratio within a fifth of 1"),
        ),
      ),
      ...rates.flatMap((rate) => [
        ...attacked.map((f) =>
          ourCheck(
            `floor, f = ${f}, γ = ${rate}`,
            floor(rate, f),
            { atMost: f / NODES },
            criterion("linear in f/n with the constant 1 and ζ² = 1"),
          ),
        ),
        ourCheck(
          `error without faulty nodes over floor with one, γ = ${rate}`,
          floor(rate, 0) / floor(rate, 1),
          { atMost: 0.5 },
          criterion("an error that remains is at least twice the fault-free one"),
        ),
      ]),
    ];
  },

  present(floors) {
    const floor = floorOf(floors);
    const at = (f: number) => formatRounded(floor(0.1, f));
    const growth = formatRounded(Math.log(floor(0.1, 4) / floor(0.1, 1)) / Math.log(4));
    const halved = formatRounded(floor(0.05, 4) / floor(0.1, 4));
    return {
      headline: `Different data leave an error of ${at(1)} with one faulty node of ${NODES} and ${at(4)} with four; halving the learning rate multiplies the latter by ${halved}.`,
      captions: {
        floor: `Under this attack the floor grows as f to the power ${growth}; the dashed line is f/n.`,
        path: `Without faulty nodes the error falls to ${at(0)} (drawn no lower than 1e-12); with one it levels off at ${at(1)}, with four at ${at(4)}.`,
      },
      summary: [
        `With exact gradients only the differences between the nodes’ data remain. They leave an error of ${at(1)}, ${at(2)} and ${at(4)} for f = 1, 2 and 4; halving the learning rate multiplies the last by ${halved}.`,
        `A bound linear in f/n with the constant 1 would allow ${formatRounded(4 / NODES)} at f = 4; under ALIE the error is ${formatRounded((floor(0.1, 4) * NODES) / 4)} times that, and grows as f to the power ${growth}.`,
      ],
      tables: [
        tableOf(
          "floors",
          `Remaining error, mean of the last ${LAST} steps`,
          { f: "f", small: `γ = ${rates[0]}`, large: `γ = ${rates[1]}`, bound: "f/n" },
          faultCounts.map((f) => ({
            f,
            small: floor(rates[0], f),
            large: floor(rates[1], f),
            bound: f / NODES,
          })),
        ),
      ],
    };
  },
});
