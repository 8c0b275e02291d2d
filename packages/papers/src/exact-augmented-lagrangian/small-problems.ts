import {
  type EqualityResult,
  type EqualityTestProblem,
  equalityTestProblems,
  minimizeEquality,
} from "gradus/optimize";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, note, progress, replacePoints, table } from "../experiment.ts";
import {
  AUTHORS_SINGULARITY,
  type Contender,
  contenders,
  derivativeCalls,
  drawable,
  functionCalls,
  median,
  quantile,
} from "./methods.ts";
import { publishedIterations } from "./published.ts";

/** What is kept of a run. */
interface Outcome {
  readonly problem: string;
  readonly solved: boolean;
  readonly kkt: number;
  readonly iterations: number;
  readonly functionCalls: number;
  readonly derivativeCalls: number;
  readonly flops: number;
  readonly innerSteps: number;
  /** Largest relative rise of the merit function along an accepted step. */
  readonly rise: number;
  /** Steps along directions of less than the wanted descent. */
  readonly weak: number;
  readonly penaltyChanges: number;
}

const NU = 1.5;

function outcomeOf({ name, optimum }: EqualityTestProblem, run: EqualityResult): Outcome {
  const eta1 = run.history.at(-1)?.parameters["eta1"] ?? 1;
  return {
    problem: name,
    solved:
      run.status === "converged" && Math.abs(run.value - optimum) <= 1e-3 * Math.max(1, Math.abs(optimum)),
    kkt: run.kkt,
    iterations: run.iterations,
    functionCalls: functionCalls(run),
    derivativeCalls: derivativeCalls(run),
    flops: run.counts.innerFlops,
    innerSteps: run.counts.innerSteps,
    rise: run.history.reduce(
      (most, { merit, meritBefore }) =>
        Math.max(most, (merit - meritBefore) / Math.max(Math.abs(meritBefore), 1e-300)),
      Number.NEGATIVE_INFINITY,
    ),
    weak: run.history.filter(({ descent }) => !descent).length,
    penaltyChanges: Math.round(Math.log(eta1) / Math.log(NU ** 2)),
  };
}

/** A run that diverges, or starts at a solution, is drawn at the edge: the others need the room. */
const LARGEST_KKT = 100;
const measures = [
  {
    id: "kkt",
    title: "Final KKT residual",
    label: "final KKT residual",
    of: (o: Outcome) => o.kkt,
    drawn: (kkt: number) => Math.min(drawable(kkt), LARGEST_KKT),
  },
  {
    id: "iterations",
    title: "Outer iterations",
    label: "outer iterations",
    of: (o: Outcome) => o.iterations,
    drawn: (iterations: number) => Math.max(iterations, 1),
  },
  {
    id: "evaluations",
    title: "Evaluations of the objective and the constraints",
    label: "calls of f and of c",
    of: (o: Outcome) => o.functionCalls,
    drawn: drawable,
  },
  {
    id: "flops",
    title: "Work of the inner solver",
    label: "flops",
    of: (o: Outcome) => o.flops,
    drawn: drawable,
  },
] as const;
const SHARES = 40;

const always: readonly Contender[] = [
  contenders.rk,
  contenders.gv,
  contenders.rkRelative,
  contenders.exact,
  contenders.adaptiveGmres,
  contenders.gmres,
  contenders.multipliers,
];
const rules: readonly Contender[] = [
  contenders.gvRelative,
  contenders.weightedRelative,
  contenders.blockRelative,
];
/** Whose runs depend on the seed. */
const isRandom = ({ options }: Contender) =>
  options.method === undefined && "sketch" in options && options.sketch !== "exact";

export default defineExperiment({
  id: "small-problems",
  title: "Twenty-one small problems: sketched Newton steps against three baselines",
  description:
    "Solves 21 equality-constrained problems of the literature to a KKT residual of 1e-4 from their published starts and compares iterations, evaluations, accuracy and work. RK draws rows of the Newton system (randomized Kaczmarz), GV Gaussian combinations of rows.",
  claims: ["C1", "C2", "C5"],
  parameters: z.object({
    seeds: z.int().min(1).max(50).default(20).describe("seeds of the sketches"),
    allRules: z.boolean().default(true).describe("also the relative rule with other sketches"),
    maxSketchSteps: z.int().min(1000).max(10_000_000).default(100_000).describe("sketch steps a solve"),
  }),
  profiles: { quick: { seeds: 3, allRules: false }, full: {} },
  seconds: { quick: 12, full: 150 },
  plots: measures.map(({ id, title, label }) => ({
    id,
    title: `${title}: problems and seeds, best first`,
    x: { label: "share of the runs (%)" },
    y: { label, scale: "log" },
    mark: "line",
    series: [...always, ...rules].map((contender) => contender.label),
  })),

  async *run({ parameters: { seeds, allRules, maxSketchSteps }, seed, signal, stage }) {
    const methods = allRules ? [...always, ...rules] : always;
    const outcomes = new Map<string, Outcome[][]>();
    // What takes no sketches is done in an instant, and gives the sketches something to be compared with.
    const inTurn = methods.toSorted((a, b) => Number(isRandom(a)) - Number(isRandom(b)));
    for (const [k, contender] of inTurn.entries()) {
      const repeats = isRandom(contender) ? seeds : 1;
      const bySeed: Outcome[][] = [];
      outcomes.set(contender.label, bySeed);
      for (let repeat = 0; repeat < repeats; repeat++) {
        yield progress((k + repeat / repeats) / methods.length, `${contender.label}, seed ${seed + repeat}`);
        bySeed.push(
          yield* stage(`${contender.label} ${repeat}`, async function* () {
            const result: Outcome[] = [];
            for (const entry of equalityTestProblems) {
              const cap = isRandom(contender) ? { maxSketchSteps, seed: seed + repeat } : {};
              const run = await minimizeEquality(entry.problem, entry.start, {
                ...contender.options,
                ...cap,
                singularBelow: AUTHORS_SINGULARITY,
                signal,
              });
              result.push(outcomeOf(entry, run));
            }
            yield progress((k + (repeat + 1) / repeats) / methods.length, contender.label);
            return result;
          }),
        );
        const all = bySeed.flat();
        for (const { id, of, drawn } of measures) {
          const values = all.map(of);
          yield replacePoints(
            id,
            contender.label,
            Array.from({ length: SHARES + 1 }, (_, i) => ({
              x: (100 * i) / SHARES,
              y: drawn(quantile(values, i / SHARES)),
            })),
          );
        }
      }
    }

    const runsOf = ({ label }: Contender) => outcomes.get(label) ?? [];
    const solvedOf = (contender: Contender) =>
      runsOf(contender)
        .flat()
        .filter(({ solved }) => solved);
    const medianOf = (contender: Contender, of: (o: Outcome) => number) =>
      median(solvedOf(contender).map(of));
    const fewest = (contender: Contender) =>
      Math.min(...runsOf(contender).map((run) => run.filter(({ solved }) => solved).length));
    yield table({
      id: "methods",
      title: "Medians over the runs that solved their problem",
      columns: [
        { key: "method", label: "method" },
        { key: "solved", label: "solved of 21, worst seed" },
        { key: "iterations", label: "outer iterations" },
        { key: "kkt", label: "final KKT" },
        { key: "functions", label: "calls of f and c" },
        { key: "derivatives", label: "calls of gradient and Jacobian" },
        { key: "steps", label: "inner steps" },
        { key: "flops", label: "inner flops" },
      ],
      rows: methods.map((contender) => ({
        method: contender.label,
        solved: fewest(contender),
        iterations: medianOf(contender, (o) => o.iterations),
        kkt: medianOf(contender, (o) => o.kkt),
        functions: medianOf(contender, (o) => o.functionCalls),
        derivatives: medianOf(contender, (o) => o.derivativeCalls),
        steps: medianOf(contender, (o) => o.innerSteps),
        flops: medianOf(contender, (o) => o.flops),
      })),
    });
    const exact = runsOf(contenders.exact)[0];
    yield table({
      id: "problems",
      title: "Outer iterations by problem",
      columns: [
        { key: "problem", label: "problem" },
        { key: "published", label: "reference, exact solves" },
        ...methods.map(({ label }) => ({ key: label, label })),
      ],
      rows: equalityTestProblems
        .map(({ name }, i) => ({
          problem: name,
          published: publishedIterations[name] ?? null,
          ...Object.fromEntries(
            methods.map((contender) => [
              contender.label,
              median(
                runsOf(contender).map((run) =>
                  run[i].solved ? run[i].iterations : Number.POSITIVE_INFINITY,
                ),
              ),
            ]),
          ),
        }))
        .map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([key, value]) => [
              key,
              value === Number.POSITIVE_INFINITY ? "not solved" : value,
            ]),
          ),
        ),
    });

    const sketched = methods.filter(({ options }) => options.method === undefined);
    const sketchedRuns = sketched.flatMap((contender) => runsOf(contender).flat());
    const pair = [contenders.rk, contenders.gv] as const;
    const checks: Check[] = [
      ...pair.map((contender) =>
        check("C1", `${contender.label}: problems solved of 21, worst seed`, fewest(contender), {
          atLeast: 20,
        }),
      ),
      check(
        "C1",
        "exact solves: problems of 21 whose iterations are the reference's ± 1",
        exact.filter(
          ({ problem, iterations }) => Math.abs(iterations - (publishedIterations[problem] ?? 0)) <= 1,
        ).length,
        { atLeast: 19 },
      ),
      check(
        "C2",
        "accepted steps on which the merit function rose, all runs",
        sketchedRuns.filter(({ rise }) => rise > 1e-15).length,
        { equals: 0 },
      ),
      check(
        "C2",
        "steps whose direction was not one of enough descent, all runs",
        sketchedRuns.reduce((sum, { weak }) => sum + weak, 0),
        { equals: 0 },
      ),
      check(
        "C2",
        "changes of η₁ in a run, largest number",
        Math.max(...sketchedRuns.map((o) => o.penaltyChanges)),
        {
          atMost: 12,
        },
      ),
      ...pair.flatMap((contender) => [
        check(
          "C5",
          `${contender.label}: median final KKT over that of GMRES ℓ1-SQP`,
          medianOf(contender, (o) => o.kkt) / medianOf(contenders.gmres, (o) => o.kkt),
          { atMost: 1 / 30 },
        ),
        check(
          "C5",
          `${contender.label}: median final KKT over that of adaptive GMRES ℓ1-SQP`,
          medianOf(contender, (o) => o.kkt) / medianOf(contenders.adaptiveGmres, (o) => o.kkt),
          { atMost: 1 / 10 },
        ),
        check(
          "C5",
          `${contender.label}: median outer iterations over those of GMRES ℓ1-SQP`,
          medianOf(contender, (o) => o.iterations) / medianOf(contenders.gmres, (o) => o.iterations),
          { atMost: 1 / 4 },
        ),
        check(
          "C5",
          `${contender.label}: median outer iterations over those of adaptive GMRES ℓ1-SQP`,
          medianOf(contender, (o) => o.iterations) / medianOf(contenders.adaptiveGmres, (o) => o.iterations),
          { atMost: 1 },
        ),
      ]),
    ];
    const flops = (contender: Contender) => formatFigure(medianOf(contender, (o) => o.flops));
    yield note(
      `These systems have 3 to 11 unknowns, and there sketching does not save work: the median run of AdaSketch-RK takes ${flops(contenders.rk)} flops in its inner solver, adaptive GMRES ${flops(contenders.adaptiveGmres)}, an exact factorization ${flops(contenders.exact)}.`,
    );
    yield progress(1, "done");
    const figure = (contender: Contender, of: (o: Outcome) => number) =>
      formatFigure(medianOf(contender, of));
    const three = [contenders.rk, contenders.adaptiveGmres, contenders.gmres] as const;
    const compared = (of: (o: Outcome) => number) =>
      three.map((c) => `${c.label} ${figure(c, of)}`).join(", ");
    return {
      checks,
      captions: {
        kkt: `A steep Newton step overshoots the tolerance of 1e-4: medians ${compared((o) => o.kkt)}. Residuals above ${LARGEST_KKT} are drawn there.`,
        iterations: `Medians: ${compared((o) => o.iterations)}.`,
        evaluations: `Medians: ${compared((o) => o.functionCalls)}. Each trial point counts once for f and once for c.`,
        flops: `Medians: ${compared((o) => o.flops)}. On systems this small the row steps cost more in all.`,
      },
      summary: [
        `AdaSketch-RK and -GV solve ${fewest(contenders.rk)} and ${fewest(contenders.gv)} of 21 problems in the worst of ${seeds} seeds; the baselines ${fewest(contenders.adaptiveGmres)} (adaptive GMRES), ${fewest(contenders.gmres)} (GMRES) and ${fewest(contenders.multipliers)} (augmented Lagrangian).`,
        `Median final KKT residual: ${compared((o) => o.kkt)}; median outer iterations: ${compared((o) => o.iterations)}.`,
        `Median inner flops: AdaSketch-RK ${flops(contenders.rk)} with the theoretical accuracy and ${flops(contenders.rkRelative)} with the relative one, against ${flops(contenders.adaptiveGmres)} (adaptive GMRES) and ${flops(contenders.exact)} (exact).`,
      ],
    };
  },
});
