import { solve } from "gradus/iterate";
import {
  convexNetworkIterates,
  type NetworkProblem,
  refinedNetworkIterates,
  sampledNetworkIterates,
  samplePatterns,
  scenarioBound,
} from "gradus/optimize/convex-networks";
import { randomStream } from "gradus/random";
import { sampleMean } from "gradus/statistics";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, type Point, point, points, progress, replacePoints } from "../experiment.ts";
import { criterion, theorem } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
import { teacherRows } from "./problems.ts";

const ROWS = 40;
const INPUTS = 4;
const BETA = 0.3;
const PATTERNS = [5, 10, 20, 40, 80, 160];
const DIRECTIONS = [50, 200, 1000, 4000];
/** The scenario bound is below 1 from here on. */
const BOUNDED_FROM = 200;
const ADMM_ITERATIONS = 1500;
const FISTA_ITERATIONS = 4000;
const XI = 0.05;
const REFERENCE_GAP = 1e-3;
const MOST_ROUNDS = 60;
/** Directions by which the share that violates the dual's constraint is estimated. */
const PROBES = 50_000;

const boundOf = (samples: number) => scenarioBound({ rows: ROWS, samples, failure: XI });

/** Optima of one problem by the numbers of patterns and directions, relative to the global optimum. */
interface Problem {
  readonly optimum: number;
  readonly certifiedGap: number;
  readonly rounds: number;
  /** Optimum of the program with the first P_s patterns, over the reference. */
  readonly byPatterns: readonly {
    readonly patterns: number;
    readonly ratio: number;
    readonly violation: number;
  }[];
  /** One entry per draw. */
  readonly byDirections: readonly {
    readonly directions: number;
    readonly ratio: number;
    readonly violated: number;
    readonly bound: number;
  }[];
}

function figuresOf(problems: readonly Problem[]) {
  const mean = (ratios: readonly number[]) => sampleMean(ratios);
  const patternsAt = (count: number) =>
    mean(
      problems.map(
        ({ byPatterns }) => byPatterns.find(({ patterns }) => patterns === count)?.ratio ?? Number.NaN,
      ),
    );
  const directionsAt = (count: number) =>
    mean(
      problems.flatMap(({ byDirections }) =>
        byDirections.filter((one) => one.directions === count).map(({ ratio }) => ratio),
      ),
    );
  const rises = problems.flatMap(({ byPatterns }) =>
    byPatterns.slice(1).map(({ ratio }, i) => ratio / byPatterns[i].ratio - 1),
  );
  const drawn = problems.flatMap(({ byDirections }) => byDirections);
  return {
    patternsAt,
    directionsAt,
    rise: Math.max(...rises),
    directionRise: Math.max(
      ...DIRECTIONS.slice(1).map((count, i) => directionsAt(count) / directionsAt(DIRECTIONS[i]) - 1),
    ),
    overBound: Math.max(
      ...drawn
        .filter(({ directions }) => directions >= BOUNDED_FROM)
        .map(({ violated, bound }) => violated / bound),
    ),
    gap: Math.max(...problems.map(({ certifiedGap }) => certifiedGap)),
  };
}

/** The share of random directions u with |nu^T (X u)_+| > beta. */
function violatedShare({ x, beta }: NetworkProblem, nu: Float64Array, seed: number): number {
  const stream = randomStream(seed).split("probes");
  let count = 0;
  const u = new Float64Array(INPUTS);
  for (let probe = 0; probe < PROBES; probe++) {
    stream.fillNormal(u);
    let square = 0;
    for (const value of u) square += value * value;
    let height = 0;
    for (let k = 0; k < ROWS; k++) {
      let input = 0;
      for (let j = 0; j < INPUTS; j++) input += x.values[k * INPUTS + j] * u[j];
      if (input > 0) height += nu[k] * input;
    }
    count += Number(Math.abs(height) > beta * Math.sqrt(square));
  }
  return count / PROBES;
}

export default defineExperiment({
  description:
    "40 rows with 4 inputs, labeled by a small teacher network. The optimum falls as more activation patterns or hidden directions are sampled; its distance to the global optimum is known because refinement closes the gap between a network and the dual bound.",
  parameters: z.object({
    problems: z.int().min(1).max(10).default(3).describe("problems"),
    draws: z.int().min(1).max(10).default(3).describe("draws for each number of directions"),
  }),
  profiles: { quick: { problems: 1, draws: 2 }, full: {} },
  seconds: { quick: 6, full: 30 },
  plots: [
    linePlot("certificate", "The certificate closing", "Round of refinement", "Objective", {
      series: ["network", "dual bound"],
    }),
    linePlot(
      "patterns",
      "Optimum over sampled patterns",
      logAxis("Patterns P"),
      logAxis("Optimum / global optimum"),
      {
        references: ["global optimum"],
      },
    ),
    linePlot(
      "directions",
      "Optimum over sampled directions",
      logAxis("Directions N"),
      logAxis("Optimum / global optimum"),
      {
        references: ["global optimum"],
      },
    ),
    linePlot(
      "violations",
      "Directions that would still lower the optimum",
      logAxis("Directions N"),
      logAxis("Share of the sphere"),
      { series: ["measured"], references: ["scenario bound"] },
    ),
  ],

  async *measure({ parameters: { problems: count, draws }, seed, signal, stage }) {
    yield points(
      "patterns",
      "global optimum",
      [5, 160].map((x) => ({ x, y: 1 })),
    );
    yield points(
      "directions",
      "global optimum",
      [50, 4000].map((x) => ({ x, y: 1 })),
    );
    yield points(
      "violations",
      "scenario bound",
      DIRECTIONS.map((x) => ({ x, y: boundOf(x) })),
    );
    const found: Problem[] = [];
    const parts = count * (1 + PATTERNS.length + DIRECTIONS.length * draws);
    let done = 0;
    for (const own of repeatSeeds(seed, count, 0)) {
      const problem = { ...teacherRows(ROWS, INPUTS, own), beta: BETA, intercept: false };
      const name = count > 1 ? `, problem ${found.length + 1}` : "";
      const step = (message: string) => progress(done++ / parts, message + name);

      yield step("closing the certificate");
      const reference = yield* stage(`reference ${own}`, async function* () {
        for await (const iterate of refinedNetworkIterates({
          ...problem,
          tolerance: REFERENCE_GAP,
          seed: own,
          signal,
        })) {
          const { iteration, objective, certificate, done: over } = iterate;
          if (found.length === 0) {
            yield point("certificate", "network", iteration, objective);
            yield point("certificate", "dual bound", iteration, certificate.lowerBound);
          }
          if (over || iteration === MOST_ROUNDS)
            return { optimum: objective, certifiedGap: certificate.relativeGap, rounds: iteration };
        }
        throw new Error("refinement ended before its limits");
      });

      const byPatterns = [];
      for (const patterns of PATTERNS) {
        yield step(`${patterns} patterns`);
        byPatterns.push(
          yield* stage(`patterns ${own} ${patterns}`, async function* () {
            const method = convexNetworkIterates({
              ...problem,
              patterns: samplePatterns(problem.x, { count: patterns, seed: own }),
              signal,
            });
            const { iterate } = await solve(method, { maxIterations: ADMM_ITERATIONS });
            const ratio = iterate.objective / reference.optimum;
            yield point("patterns", `ADMM${name}`, patterns, ratio);
            return { patterns, ratio, violation: iterate.violation };
          }),
        );
      }

      const byDirections: { directions: number; ratio: number; violated: number; bound: number }[] = [];
      const means: Point[] = [];
      const shares: Point[] = [];
      for (const directions of DIRECTIONS) {
        for (const draw of repeatSeeds(own + 1, draws)) {
          yield step(`${directions} directions`);
          byDirections.push(
            yield* stage(`directions ${own} ${directions} ${draw}`, async function* () {
              yield* [];
              const method = sampledNetworkIterates({ ...problem, samples: directions, seed: draw, signal });
              const { iterate } = await solve(method, { maxIterations: FISTA_ITERATIONS });
              const violated = violatedShare(problem, iterate.dual, draw);
              return {
                directions,
                ratio: iterate.objective / reference.optimum,
                violated,
                bound: boundOf(directions),
              };
            }),
          );
        }
        const those = byDirections.filter((one) => one.directions === directions);
        means.push({ x: directions, y: sampleMean(those.map(({ ratio }) => ratio)) });
        shares.push({
          x: directions,
          y: Math.max(1 / PROBES, sampleMean(those.map(({ violated }) => violated))),
        });
        yield replacePoints("directions", `SCP${name}`, [...means]);
        yield replacePoints("violations", `measured${name}`, [...shares]);
      }
      found.push({ ...reference, byPatterns, byDirections });
    }
    yield progress(1, "done");
    return found;
  },

  judge(problems: readonly Problem[]) {
    const { patternsAt, directionsAt, rise, directionRise, overBound, gap } = figuresOf(problems);
    return [
      check(
        "C2",
        "largest relative rise of the optimum when patterns are added",
        rise,
        { atMost: 0.01 },
        theorem("more patterns cannot raise it; 1% allows for programs that ADMM has not solved exactly"),
      ),
      check(
        "C2",
        "optimum with 5 patterns over the global optimum",
        patternsAt(5),
        { atLeast: 1.5 },
        criterion("the number of patterns matters if five of them miss the optimum by 50%"),
      ),
      check(
        "C2",
        "optimum with 160 patterns over the global optimum",
        patternsAt(160),
        { atMost: 1.1 },
        criterion("within 10% of the optimum is a useful approximation of it"),
      ),
      check(
        "C2",
        "largest share of directions that would lower the optimum, over the scenario bound",
        overBound,
        { atMost: 1 },
        theorem(
          "scenario optimization: at most (2/N)(n + 1 − ln 0.05) with probability 0.95; the paper’s constants were not read",
        ),
      ),
      check(
        "C4",
        "largest relative rise of the mean optimum when directions are added",
        directionRise,
        { atMost: 0 },
        criterion(
          "more samples must help on average, since each number is at least four times the one before",
        ),
      ),
      check(
        "C4",
        "optimum with 4000 directions over the global optimum",
        directionsAt(4000),
        { atMost: 1.1 },
        criterion("within 10% of the optimum is approximately optimal"),
      ),
      ourCheck(
        "certified relative gap of the refined network",
        gap,
        { atMost: REFERENCE_GAP },
        criterion("the reference must be known ten times better than the differences measured against it"),
      ),
    ];
  },

  present(problems: readonly Problem[]) {
    const { patternsAt, directionsAt, overBound, gap } = figuresOf(problems);
    const [{ rounds, optimum }] = problems;
    const above = (ratio: number) => `${formatRounded(100 * (ratio - 1))}%`;
    return {
      headline: `160 sampled patterns come within ${above(patternsAt(160))} of the global optimum, 4,000 sampled directions within ${above(directionsAt(4000))}; refinement certifies a gap of ${formatRounded(100 * gap)}%.`,
      captions: {
        certificate: `After ${rounds} rounds the network’s objective, ${formatRounded(optimum)}, is at most ${formatRounded(100 * gap)}% above the dual bound.`,
        patterns: `Five patterns end ${above(patternsAt(5))} above the global optimum, 160 patterns ${above(patternsAt(160))}.`,
        directions: `4,000 directions end ${above(directionsAt(4000))} above the global optimum.`,
        violations: `The share of directions that would still lower the optimum is at most ${formatRounded(overBound)} times the scenario bound.`,
      },
      summary: [
        `The reference is a network that refinement found: hidden directions are added where the dual’s constraint is violated, until the network is at most ${formatRounded(100 * gap)}% above a lower bound for networks of any width.`,
        "A pattern leaves a unit free within a cone; a sampled direction fixes everything but its length. Far fewer patterns than directions are needed, but each one costs more.",
      ],
      tables: [
        tableOf(
          "sampling",
          "Optimum over the global optimum",
          {
            kind: "sampled",
            count: "number",
            ratio: "ratio",
            share: "directions that would lower it",
            bound: "scenario bound",
          },
          [
            ...PATTERNS.map((count) => ({ kind: "patterns", count, ratio: patternsAt(count) })),
            ...DIRECTIONS.map((count) => ({
              kind: "directions",
              count,
              ratio: directionsAt(count),
              share: sampleMean(
                problems.flatMap(({ byDirections }) =>
                  byDirections
                    .filter(({ directions }) => directions === count)
                    .map(({ violated }) => violated),
                ),
              ),
              bound: boundOf(count),
            })),
          ],
        ),
      ],
    };
  },
});
