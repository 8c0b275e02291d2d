import {
  lowerBoundAt,
  randomNetworkLowerBound,
  randomNetworkPath,
  randomUnits,
} from "gradus/nn/random-features";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { curve, defineExperiment, progress, replacePoints } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { find } from "../shared/lookup.ts";
import { dotPlot, linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { CAVEAT, type Problem, problemOf, rms, threeBumps } from "./targets.ts";

const BUDGETS = [1, 10, 100, 1000, 1e4, 1e5, 1e6];
const RIDGES = Array.from({ length: 29 }, (_, k) => 10 ** (-k / 2));
const WIDTHS = [10, 20, 50, 100, 200, 400, 800];
const DENSE = 400;
const name = (slope: number) => `λ = ${slope}`;

/** A network's outputs, as far as scaled versions of it need them. */
interface Scalable {
  readonly l1: number;
  /** Means of y times the outputs and of the outputs' squares. */
  readonly product: number;
  readonly square: number;
}

/** The smallest error of a network scaled so that its weights keep to the budget. */
function scaledError({ l1, product, square }: Scalable, targetRms: number, budget: number): number {
  const scale = Math.max(0, Math.min(budget / l1, product / square));
  return Math.sqrt(Math.max(0, targetRms ** 2 - 2 * scale * product + scale ** 2 * square));
}

function scalableOf(
  network: ReturnType<typeof randomNetworkPath<Float64Array>>[number],
  { x, y }: Problem,
): Scalable {
  const outputs = network.predict(x);
  let [product, square] = [0, 0];
  for (let j = 0; j < y.length; j++) {
    product += (y[j] * outputs[j]) / y.length;
    square += outputs[j] ** 2 / y.length;
  }
  return { l1: network.l1, product, square };
}

interface Box {
  readonly slope: number;
  readonly bounds: readonly number[];
  /** Least errors that networks within the budgets reached. */
  readonly reached: readonly number[];
  /** Smallest error of a network minus the bound at its budget, over all networks and budgets with a positive bound. */
  readonly excess: number;
}

interface Findings {
  readonly boxes: readonly Box[];
  readonly targetRms: number;
  readonly networks: number;
}

function figuresOf({ boxes, targetRms }: Findings) {
  const [narrow, wide] = [1, 100].map((slope) => find(boxes, { slope }));
  const at = (budget: number) => BUDGETS.indexOf(budget);
  return {
    narrow,
    wide,
    share: narrow.bounds[at(1000)] / targetRms,
    tight: narrow.reached[at(1000)] / narrow.bounds[at(1000)],
    vacuous: wide.bounds[at(100)],
    excess: Math.min(...boxes.map((box) => box.excess)),
    wideReached: wide.reached[at(100)] / targetRms,
  };
}

export default defineExperiment({
  description:
    "A lower bound on the error of every network of a domain whose output weights sum to at most a given budget, proved by functions to which the domain’s units hardly respond; compared with the errors that random networks reach within that budget.",
  parameters: z.object({
    points: z.int().min(200).max(1000).default(1000).describe("equally spaced points on [0, 1]"),
    grid: z.int().min(41).max(401).default(201).describe("Chebyshev points on each axis of the domain"),
    networks: z
      .int()
      .min(5)
      .max(100)
      .default(50)
      .describe("random networks per domain, with 10 to 800 units"),
    middle: z.boolean().default(true).describe("also the domain with half-width 10"),
  }),
  profiles: { quick: { points: 400, grid: 101, networks: 20, middle: false }, full: {} },
  seconds: { quick: 6, full: 60 },
  plots: [
    linePlot("bounds", "Error by the budget of the output weights", logAxis("budget |c|₁"), "RMSE", {
      series: [1, 10, 100].map((slope) => `reached, ${name(slope)}`),
      variants: Object.fromEntries(
        [1, 10, 100].map((slope) => [`bound, ${name(slope)}`, `reached, ${name(slope)}`]),
      ),
      references: ["size of the target"],
    }),
    dotPlot("networks", "Random networks against the bound, λ = 1", logAxis("|c|₁"), "RMSE", {
      series: ["random networks", "bound at their budget"],
    }),
  ],

  async *measure({ parameters: { points: count, grid, networks, middle }, seed, signal, stage }) {
    const problem = problemOf("three bumps", threeBumps, count);
    const { x, y } = problem;
    const targetRms = rms(y);
    yield curve("bounds", "size of the target", [BUDGETS[0], 1e6], (budget) => ({ x: budget, y: targetRms }));
    const slopes = middle ? [1, 10, 100] : [1, 100];
    const seeds = repeatSeeds(seed, networks, 0);
    const boxes: Box[] = [];
    for (const [index, slope] of slopes.entries())
      boxes.push(
        yield* stage(`${slope}`, async function* () {
          yield progress(index / slopes.length, `${name(slope)}: the bound`);
          const dense = randomUnits({ inputs: 1, width: DENSE, slope, seed: seeds[0] });
          const path = randomNetworkPath({ x, y, units: dense }, RIDGES).map((one) =>
            scalableOf(one, problem),
          );
          const reachedBy = (all: readonly Scalable[], budget: number) =>
            Math.min(...all.map((one) => scaledError(one, targetRms, budget)));
          yield curve("bounds", `reached, ${name(slope)}`, BUDGETS, (budget) => ({
            x: budget,
            y: reachedBy(path, budget),
          }));
          signal.throwIfAborted();
          const certificate = randomNetworkLowerBound({ x, y, slope, grid });
          const bounds = BUDGETS.map((budget) => lowerBoundAt(certificate, budget));
          const drawn = BUDGETS.flatMap((budget, i) => (bounds[i] > 0 ? [{ x: budget, y: bounds[i] }] : []));
          if (drawn.length > 0) yield replacePoints("bounds", `bound, ${name(slope)}`, drawn);
          const tried: Scalable[] = [...path];
          for (const [i, own] of seeds.entries()) {
            signal.throwIfAborted();
            if (i % 5 === 0)
              yield progress(
                (index + 0.4 + (0.6 * i) / networks) / slopes.length,
                `${name(slope)}: network ${i + 1}`,
              );
            const width = WIDTHS[i % WIDTHS.length];
            const units = randomUnits({ inputs: 1, width, slope, seed: own });
            for (const one of randomNetworkPath({ x, y, units }, [0, 1e-8, 1e-4]))
              tried.push(scalableOf(one, problem));
          }
          if (slope === 1) {
            const shown = tried.filter(({ l1 }) => l1 <= 1e6);
            yield replacePoints(
              "networks",
              "random networks",
              shown.map((one) => ({ x: one.l1, y: scaledError(one, targetRms, one.l1) })),
            );
            yield replacePoints(
              "networks",
              "bound at their budget",
              shown.map(({ l1 }) => ({ x: l1, y: Math.max(0, lowerBoundAt(certificate, l1)) })),
            );
          }
          let excess = Number.POSITIVE_INFINITY;
          for (const one of tried)
            for (const budget of [...BUDGETS, one.l1]) {
              const bound = lowerBoundAt(certificate, budget);
              if (bound > 0) excess = Math.min(excess, scaledError(one, targetRms, budget) - bound);
            }
          return { slope, bounds, reached: BUDGETS.map((budget) => reachedBy(tried, budget)), excess };
        }),
      );
    yield progress(1, "done");
    return { boxes, targetRms, networks };
  },

  judge(findings: Findings) {
    const { share, tight, vacuous, excess, wideReached } = figuresOf(findings);
    return [
      check(
        "C2",
        "smallest error of a network minus the bound for its budget",
        excess,
        { atLeast: 0 },
        theorem(
          "Cauchy-Schwarz and Hölder: no network of the domain is below the bound; derived here, because the paper’s was not read",
        ),
      ),
      check(
        "C2",
        "λ = 1, budget 1000: bound over the target’s size",
        share,
        { atLeast: 0.5 },
        criterion("a bound is nontrivial if it proves half of the target out of reach"),
      ),
      ourCheck(
        "λ = 1, budget 1000: error reached over the bound",
        tight,
        { atMost: 1.1 },
        criterion("the bound explains the plateau when networks come within a tenth of it"),
      ),
      ourCheck(
        "λ = 100, budget 100: the bound",
        vacuous,
        { atMost: 0 },
        criterion("a control: a domain whose networks fit the target cannot have a bound"),
      ),
      ourCheck(
        "λ = 100, budget 100: error reached over the target’s size",
        wideReached,
        { atMost: 0.1 },
        criterion("a control: the same budget suffices in the wider domain"),
      ),
    ];
  },

  present(findings: Findings) {
    const { share, tight, excess, wideReached, narrow } = figuresOf(findings);
    const { boxes, targetRms, networks } = findings;
    return {
      headline: `With parameters in [-1, 1]² and output weights that sum to at most 1,000, no network has an error below ${formatRounded(100 * share)}% of the target’s size; the best network found is within ${formatRounded(100 * (tight - 1))}% of that.`,
      captions: {
        bounds: `At λ = 1 the proved bound (dashed) follows what networks reach; at λ = 100 a budget of 100 leaves ${formatRounded(100 * wideReached)}% of the target, and no bound is proved.`,
        networks: `No network is below the bound for its own weights; the closest is ${formatRounded(excess)} above it.`,
      },
      summary: [
        "A component of the target to which the domain’s units hardly respond cannot be fitted with small weights: its correlation with the target minus the budget times its largest correlation with a unit bounds the error from below, for every number of units.",
        "The largest correlation is bounded over the whole domain: by values at Chebyshev points and the analyticity of the sigmoid.",
        CAVEAT,
      ],
      tables: [
        tableOf(
          "budgets",
          `Bound and error reached, target of size ${formatRounded(targetRms)}; ${networks} random networks a domain`,
          {
            budget: "budget",
            ...Object.fromEntries(
              boxes.flatMap(({ slope }) => [
                [`bound${slope}`, `bound, ${name(slope)}`],
                [`reached${slope}`, `reached, ${name(slope)}`],
              ]),
            ),
          },
          BUDGETS.map((budget, i) => ({
            budget,
            ...Object.fromEntries(
              boxes.flatMap(({ slope, bounds, reached }) => [
                [`bound${slope}`, bounds[i] > 0 ? bounds[i] : null],
                [`reached${slope}`, reached[i]],
              ]),
            ),
          })),
        ),
        tableOf(
          "narrow",
          "How tight the bound is at λ = 1",
          { budget: "budget", ratio: "reached over bound" },
          BUDGETS.flatMap((budget, i) =>
            narrow.bounds[i] > 0 ? [{ budget, ratio: narrow.reached[i] / narrow.bounds[i] }] : [],
          ),
        ),
      ],
    };
  },
});
