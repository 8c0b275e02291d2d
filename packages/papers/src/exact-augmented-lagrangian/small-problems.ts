import {
  type EqualityResult,
  type EqualityTestProblem,
  equalityTestProblems,
  minimizeEquality,
} from "gradus/optimize";
import { z } from "zod";
import { check, formatRounded, ourCheck } from "../check.ts";
import { defineExperiment, progress, replaceCurve } from "../experiment.ts";
import { criterion, reported, theorem } from "../ground.ts";
import { linePlot, logAxis } from "../shared/plots.ts";
import { repeatSeeds } from "../shared/seeds.ts";
import { tableOf } from "../shared/tables.ts";
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

/** The figures kept from a run. */
interface Outcome {
  readonly problem: string;
  readonly solved: boolean;
  readonly kkt: number;
  readonly iterations: number;
  readonly functionCalls: number;
  readonly derivativeCalls: number;
  readonly flops: number;
  readonly innerSteps: number;
  /** Steps along directions of less than the required descent. */
  readonly weak: number;
  /** Whether η₁ at the end is what it was halfway. */
  readonly settled: boolean;
}

function outcomeOf({ name, optimum }: EqualityTestProblem, run: EqualityResult): Outcome {
  const eta1 = run.history.map(({ parameters }) => parameters["eta1"]);
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
    weak: run.history.filter(({ descent }) => !descent).length,
    settled: eta1[(eta1.length - 1) >> 1] === eta1.at(-1),
  };
}

/** A run that diverges, or starts at a solution, is drawn at the edge, to leave room for the others. */
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
/** The methods whose runs depend on the seed. */
const isRandom = ({ options }: Contender) =>
  options.method === undefined && "sketch" in options && options.sketch !== "exact";

/** The figures kept from a method: medians over the runs that solved their problem. */
interface MethodFindings {
  readonly method: string;
  /** Problems solved of 21 with the worst seed. */
  readonly solved: number;
  readonly iterations: number;
  readonly kkt: number;
  readonly functions: number;
  readonly derivatives: number;
  readonly steps: number;
  readonly flops: number;
  /** Median outer iterations by problem; null where not solved. */
  readonly problems: readonly (number | null)[];
}
type Figure = "iterations" | "kkt" | "functions" | "flops";

function methodFindings(method: string, bySeed: readonly (readonly Outcome[])[]): MethodFindings {
  const solved = bySeed.flat().filter((outcome) => outcome.solved);
  const medianOf = (of: (o: Outcome) => number) => median(solved.map(of));
  return {
    method,
    solved: Math.min(...bySeed.map((run) => run.filter((outcome) => outcome.solved).length)),
    iterations: medianOf((o) => o.iterations),
    kkt: medianOf((o) => o.kkt),
    functions: medianOf((o) => o.functionCalls),
    derivatives: medianOf((o) => o.derivativeCalls),
    steps: medianOf((o) => o.innerSteps),
    flops: medianOf((o) => o.flops),
    problems: equalityTestProblems.map((_, i) => {
      const iterations = median(
        bySeed.map((run) => (run[i].solved ? run[i].iterations : Number.POSITIVE_INFINITY)),
      );
      return Number.isFinite(iterations) ? iterations : null;
    }),
  };
}

const pair = [contenders.rk, contenders.gv] as const;
/** Outer iterations of the augmented Lagrangian method are whole minimizations: they are not compared. */
const sqp = [contenders.adaptiveGmres, contenders.gmres] as const;
const baselines = [...sqp, contenders.multipliers] as const;

/** A method's figure over the best among others. */
function overBest(
  methods: readonly MethodFindings[],
  { label }: Contender,
  others: readonly Contender[],
  figure: Figure,
): number {
  const of = (name: string) => methods.find(({ method }) => method === name)?.[figure] ?? Number.NaN;
  const best = others.map((other) => of(other.label)).filter((value) => !Number.isNaN(value));
  return of(label) / Math.min(...best);
}

export default defineExperiment({
  description:
    "Solves 21 equality-constrained problems of the literature to a KKT residual of 1e-4 from their published starts and compares iterations, evaluations, accuracy and work. RK draws rows of the Newton system (randomized Kaczmarz), GV Gaussian combinations of rows.",
  parameters: z.object({
    seeds: z.int().min(1).max(50).default(20).describe("seeds of the sketches"),
    allRules: z.boolean().default(true).describe("also the relative rule with other sketches"),
    maxSketchSteps: z.int().min(1000).max(10_000_000).default(100_000).describe("sketch steps per solve"),
  }),
  profiles: { quick: { seeds: 3, allRules: false }, full: {} },
  seconds: { quick: 12, full: 150 },
  plots: measures.map(({ id, title, label }) =>
    linePlot(id, `${title}: problems and seeds, best first`, "share of the runs (%)", logAxis(label), {
      series: [...always, ...rules].map((contender) => contender.label),
    }),
  ),

  async *measure({ parameters: { seeds, allRules, maxSketchSteps }, seed, signal, stage }) {
    const methods = allRules ? [...always, ...rules] : always;
    const outcomes = new Map<string, Outcome[][]>();
    const used = repeatSeeds(seed, seeds);
    // Methods without sketches are instant and give the sketches something to compare with.
    const inTurn = methods.toSorted((a, b) => Number(isRandom(a)) - Number(isRandom(b)));
    for (const [k, contender] of inTurn.entries()) {
      const repeats = isRandom(contender) ? used : used.slice(0, 1);
      const bySeed: Outcome[][] = [];
      outcomes.set(contender.label, bySeed);
      for (const [repeat, s] of repeats.entries()) {
        yield progress((k + repeat / repeats.length) / methods.length, `${contender.label}, seed ${s}`);
        bySeed.push(
          yield* stage(`${contender.label} ${repeat}`, async function* () {
            const result: Outcome[] = [];
            for (const entry of equalityTestProblems) {
              const cap = isRandom(contender) ? { maxSketchSteps, seed: s } : {};
              const run = await minimizeEquality(entry.problem, entry.start, {
                ...contender.options,
                ...cap,
                singularBelow: AUTHORS_SINGULARITY,
                signal,
              });
              result.push(outcomeOf(entry, run));
            }
            yield progress((k + (repeat + 1) / repeats.length) / methods.length, contender.label);
            return result;
          }),
        );
        const all = bySeed.flat();
        for (const { id, of, drawn } of measures) {
          const values = all.map(of);
          yield replaceCurve(id, contender.label, { length: SHARES + 1 }, (_, i) => ({
            x: (100 * i) / SHARES,
            y: drawn(quantile(values, i / SHARES)),
          }));
        }
      }
    }
    const sketched = methods
      .filter(({ options }) => options.method === undefined)
      .flatMap(({ label }) => outcomes.get(label)?.flat() ?? []);
    return {
      seeds,
      methods: methods.map(({ label }) => methodFindings(label, outcomes.get(label) ?? [])),
      /** Steps along directions of less than the required descent, of all sketched and exact runs. */
      weak: sketched.reduce((sum, { weak }) => sum + weak, 0),
      settled: sketched.filter(({ settled }) => settled).length / sketched.length,
    };
  },

  judge({ methods, weak, settled }) {
    const outputs = "stored outputs in the authors’ repository";
    const fewer = criterion("“better” is fewer than the strongest baseline needs");
    const exact = methods.find(({ method }) => method === contenders.exact.label);
    return [
      ...pair.map(({ label }) =>
        check(
          "C1",
          `${label}: problems solved of 21, worst seed`,
          methods.find(({ method }) => method === label)?.solved ?? 0,
          { atLeast: 20 },
          reported(`${outputs}: 45 of 47 CUTEst problems, which is 20 of 21`),
        ),
      ),
      check(
        "C2",
        "steps along a direction of less than the required descent, all runs",
        weak,
        { equals: 0 },
        theorem(
          "abstract: accuracy and penalties are adapted until the direction is one of descent, which is proved to end",
        ),
      ),
      ...pair.flatMap((contender) => [
        check(
          "C5",
          `${contender.label}: median final KKT residual over that of the strongest baseline`,
          overBest(methods, contender, baselines, "kkt"),
          { atMost: 0.5 },
          criterion("“a smaller residual” stands apart: at most half that of the strongest baseline"),
        ),
        check(
          "C5",
          `${contender.label}: median outer iterations over those of the better ℓ1-SQP method`,
          overBest(methods, contender, sqp, "iterations"),
          { below: 1 },
          fewer,
        ),
        check(
          "C5",
          `${contender.label}: median calls of f and c over those of the strongest baseline`,
          overBest(methods, contender, baselines, "functions"),
          { below: 1 },
          fewer,
        ),
      ]),
      ourCheck(
        "share of the runs whose penalty η₁ at the end is what it was halfway",
        settled,
        { atLeast: 0.9 },
        criterion("“settles” is no change in the second half of nine runs in ten"),
      ),
      ourCheck(
        "exact solves: problems of 21 whose iterations are those of another implementation, ± 1",
        equalityTestProblems.filter(
          ({ name }, i) =>
            Math.abs((exact?.problems[i] ?? Number.POSITIVE_INFINITY) - (publishedIterations[name] ?? 0)) <=
            1,
        ).length,
        { atLeast: 19 },
        criterion("two implementations of one method agree except for rounding on one or two problems"),
      ),
    ];
  },

  present({ seeds, methods, settled }) {
    const of = ({ label }: Contender) => methods.find(({ method }) => method === label);
    const figure = (contender: Contender, key: Figure) => formatRounded(of(contender)?.[key] ?? Number.NaN);
    const three = [contenders.rk, contenders.adaptiveGmres, contenders.gmres] as const;
    const compared = (key: Figure) => three.map((c) => `${c.label} ${figure(c, key)}`).join(", ");
    const solved = (contender: Contender) => of(contender)?.solved ?? 0;
    const flops = (contender: Contender) => figure(contender, "flops");
    return {
      headline: `AdaSketch-RK solves ${solved(contenders.rk)} of 21 problems in a median of ${figure(contenders.rk, "iterations")} outer iterations to a KKT residual of ${figure(contenders.rk, "kkt")}, adaptive GMRES in ${figure(contenders.adaptiveGmres, "iterations")} to ${figure(contenders.adaptiveGmres, "kkt")}.`,
      captions: {
        kkt: `A steep Newton step overshoots the tolerance of 1e-4: medians ${compared("kkt")}. Residuals above ${LARGEST_KKT} are drawn there.`,
        iterations: `Medians: ${compared("iterations")}.`,
        evaluations: `Medians: ${compared("functions")}. Each trial point counts once for f and once for c.`,
        flops: `Medians: ${compared("flops")}. These systems have 3 to 11 unknowns.`,
      },
      summary: [
        `AdaSketch-RK and -GV solve ${solved(contenders.rk)} and ${solved(contenders.gv)} of 21 problems in the worst of ${seeds} seeds; the baselines ${solved(contenders.adaptiveGmres)} (adaptive GMRES), ${solved(contenders.gmres)} (GMRES) and ${solved(contenders.multipliers)} (augmented Lagrangian).`,
        `Median calls of f and of c: ${compared("functions")}. The penalty η₁ no longer changed in the second half of ${formatRounded(100 * settled)}% of the sketched and exact runs.`,
        `On systems this small the work of the inner solver does not favor sketching. Median flops: AdaSketch-RK ${flops(contenders.rk)} with the theoretical accuracy and ${flops(contenders.rkRelative)} with the relative one, against ${flops(contenders.adaptiveGmres)} (adaptive GMRES) and ${flops(contenders.exact)} (exact factorization).`,
      ],
      tables: [
        tableOf(
          "methods",
          "Medians over the runs that solved their problem",
          {
            ...{ method: "method", solved: "solved of 21, worst seed" },
            ...{ iterations: "outer iterations", kkt: "final KKT residual" },
            ...{ functions: "calls of f and c", derivatives: "calls of gradient and Jacobian" },
            ...{ steps: "inner steps", flops: "inner flops" },
          },
          methods.map(({ problems: _, ...row }) => row),
        ),
        {
          id: "problems",
          title: "Outer iterations by problem",
          columns: [
            { key: "problem", label: "problem" },
            { key: "published", label: "reference, exact solves" },
            ...methods.map(({ method }) => ({ key: method, label: method })),
          ],
          rows: equalityTestProblems.map(({ name }, i) => ({
            problem: name,
            published: publishedIterations[name] ?? null,
            ...Object.fromEntries(
              methods.map(({ method, problems }) => [method, problems[i] ?? "not solved"]),
            ),
          })),
        },
      ],
    };
  },
});
