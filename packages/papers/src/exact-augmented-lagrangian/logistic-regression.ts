import { type EqualityResult, minimizeEquality } from "gradus/optimize";
import { z } from "zod";
import { type Check, check, formatFigure } from "../check.ts";
import { defineExperiment, note, points, progress, table } from "../experiment.ts";
import { constrainedLogistic, isAvailable, type LogisticSet, logisticSets } from "./logistic.ts";
import { type Contender, contenders, derivativeCalls, drawable, functionCalls, median } from "./methods.ts";

/** The least eigenvalue of the reduced Hessian that the authors' code asks for on these problems. */
export const LOGISTIC_CURVATURE = 1e-2;
const MAX_SKETCH_STEPS = 1_000_000;
/** The sets of a quick run. */
const few: readonly LogisticSet[] = ["breast-cancer", "ionosphere", "splice"];
/** Where evaluations are compared. */
const counted: readonly LogisticSet[] = ["ionosphere", "splice"];

const gmresOfTen: Contender = {
  label: "GMRES(10) ℓ1-SQP",
  options: { ...contenders.gmres.options, restart: 10 },
};
const relativeExact: Contender = { label: contenders.exact.label, options: { sketch: "exact" } };
const always: readonly Contender[] = [
  contenders.rkRelative,
  contenders.rk,
  contenders.equilibrated,
  relativeExact,
  contenders.adaptiveGmres,
  contenders.gmres,
  gmresOfTen,
  contenders.multipliers,
];

interface Outcome {
  readonly status: string;
  readonly kkt: number;
  readonly value: number;
  readonly iterations: number;
  readonly functionCalls: number;
  readonly derivativeCalls: number;
  readonly innerSteps: number;
  readonly flops: number;
  readonly path: readonly number[];
}

const outcomeOf = (run: EqualityResult): Outcome => ({
  status: run.status,
  kkt: run.kkt,
  value: run.value,
  iterations: run.status === "converged" ? run.iterations : Number.POSITIVE_INFINITY,
  functionCalls: functionCalls(run),
  derivativeCalls: derivativeCalls(run),
  innerSteps: run.counts.innerSteps,
  flops: run.counts.innerFlops,
  path: run.history.map(({ kkt }) => kkt),
});

export default defineExperiment({
  id: "logistic-regression",
  title: "Logistic regression on a plane and the unit sphere, real data",
  description:
    "Fits logistic regression under ten random linear equations and ‖x‖² = 1 on real data sets and compares iterations, evaluations and work of every method, three seeds each.",
  claims: ["C1", "C5"],
  parameters: z.object({
    allSets: z.boolean().default(true).describe("also phishing, mushrooms and a9a"),
    gaussian: z.boolean().default(true).describe("also Gaussian vector sketches, relative rule"),
    seeds: z.int().min(1).max(20).default(3).describe("seeds of the constraints and of the sketches"),
  }),
  dataDirectory: ["allSets"],
  profiles: { quick: { allSets: false, gaussian: false }, full: {} },
  seconds: { quick: 14, full: 240 },
  plots: [
    ...few.map((name) => ({
      id: `path-${name}`,
      title: `KKT residual on ${name}, first seed`,
      x: { label: "outer iteration" },
      y: { label: "KKT residual", scale: "log" as const },
      mark: "line" as const,
      series: [...always, contenders.gvRelative].map(({ label }) => label),
    })),
    {
      id: "evaluations",
      title: "Calls of the objective and the constraints, median of the seeds",
      x: { label: "data set" },
      y: { label: "calls of f and of c" },
      mark: "bar",
      series: [...always, contenders.gvRelative].map(({ label }) => label),
    },
  ],

  async *run({ parameters: { allSets, gaussian, seeds }, seed, signal, stage }) {
    const methods: readonly Contender[] = gaussian ? [...always, contenders.gvRelative] : always;
    const sets: LogisticSet[] = [];
    for (const name of allSets ? logisticSets : few) {
      if (allSets || (await isAvailable(name))) sets.push(name);
      else
        yield note(`${name} does not come with the library and is left out here; the data directory has it.`);
    }
    const checks: Check[] = [];
    const rows: Record<string, number | string | null>[] = [];
    const ratios: string[] = [];
    for (const [s, name] of sets.entries()) {
      const outcomes = new Map<string, Outcome[]>(methods.map(({ label }) => [label, []]));
      for (let repeat = 0; repeat < seeds; repeat++) {
        const done = yield* stage(`${name} ${repeat}`, async function* () {
          const { problem, start, lambda0 } = await constrainedLogistic(name, seed + repeat);
          const results: Outcome[] = [];
          for (const [k, { label, options }] of methods.entries()) {
            yield progress((s + (repeat + k / methods.length) / seeds) / sets.length, `${name}: ${label}`);
            const sketch =
              options.method === undefined ? { seed: seed + repeat, maxSketchSteps: MAX_SKETCH_STEPS } : {};
            const run = await minimizeEquality(problem, start, {
              ...options,
              ...sketch,
              lambda0,
              curvatureFloor: LOGISTIC_CURVATURE,
              signal,
            });
            const outcome = outcomeOf(run);
            results.push(outcome);
            if (repeat === 0 && few.includes(name))
              yield points(
                `path-${name}`,
                label,
                outcome.path.map((kkt, i) => ({ x: i + 1, y: drawable(kkt) })),
              );
          }
          return results;
        });
        methods.forEach(({ label }, k) => {
          outcomes.get(label)?.push(done[k]);
        });
      }
      const of = ({ label }: Contender) => outcomes.get(label) ?? [];
      for (const contender of methods) {
        yield points("evaluations", contender.label, [
          { x: name, y: median(of(contender).map((o) => o.functionCalls)) },
        ]);
        const figure = (value: (o: Outcome) => number) => median(of(contender).map(value));
        rows.push({
          set: name,
          method: contender.label,
          solved: of(contender).filter(({ status }) => status === "converged").length,
          iterations: figure((o) => o.iterations),
          functions: figure((o) => o.functionCalls),
          derivatives: figure((o) => o.derivativeCalls),
          kkt: figure((o) => o.kkt),
          steps: figure((o) => o.innerSteps),
          flops: figure((o) => o.flops),
        });
      }
      yield table({
        id: "runs",
        title: `Medians over ${seeds} seeds`,
        columns: [
          { key: "set", label: "data" },
          { key: "method", label: "method" },
          { key: "solved", label: `solved of ${seeds}` },
          { key: "iterations", label: "outer iterations" },
          { key: "functions", label: "calls of f and c" },
          { key: "derivatives", label: "calls of gradient and Jacobian" },
          { key: "kkt", label: "final KKT" },
          { key: "steps", label: "inner steps" },
          { key: "flops", label: "inner flops" },
        ],
        rows: [...rows],
      });
      for (const contender of [contenders.rkRelative, contenders.rk])
        checks.push(
          check(
            "C1",
            `${name}, ${contender.label}: outer iterations to a KKT residual of 1e-4, largest over the seeds`,
            Math.max(...of(contender).map(({ iterations }) => iterations)),
            { atMost: 25 },
          ),
        );
      const spread = Array.from({ length: seeds }, (_, repeat) => {
        const values = methods.map((contender) => of(contender)[repeat].value);
        return Math.max(...values) - Math.min(...values);
      });
      checks.push(
        check("C1", `${name}: objective values of the methods differ by at most`, Math.max(...spread), {
          atMost: 1e-4,
        }),
      );
      const perSeed = (against: Contender) =>
        of(contenders.rkRelative).map((o, repeat) => o.functionCalls / of(against)[repeat].functionCalls);
      if (!counted.includes(name)) continue;
      checks.push(
        check(
          "C5",
          `${name}: calls of f and c, AdaSketch-RK (relative rule) over GMRES ℓ1-SQP, largest over the seeds`,
          Math.max(...perSeed(contenders.gmres)),
          { atMost: 0.25 },
        ),
      );
      ratios.push(
        `${name}: ${formatFigure(median(perSeed(contenders.gmres)))} of GMRES(2), ${formatFigure(median(perSeed(gmresOfTen)))} of GMRES(10), ${formatFigure(median(perSeed(contenders.adaptiveGmres)))} of adaptive GMRES`,
      );
    }
    const cell = (method: Contender, key: string) =>
      rows
        .filter((row) => row["method"] === method.label)
        .map((row) => `${row["set"]} ${formatFigure(Number(row[key]))}`)
        .join(", ");
    yield progress(1, "done");
    return {
      checks,
      captions: {
        ...Object.fromEntries(
          few.map((name) => [
            `path-${name}`,
            "The sketched methods fall steeply at the end; GMRES with two tests, whose directions stay loose, falls by a fixed factor.",
          ]),
        ),
        evaluations: `AdaSketch-RK's share of the calls of others: ${ratios.join("; ")}.`,
      },
      summary: [
        `Outer iterations of AdaSketch-RK with the relative rule: ${cell(contenders.rkRelative, "iterations")}.`,
        `Its calls of f and c as a share of others' (medians): ${ratios.join("; ")}. The authors' code gives GMRES ten Krylov steps a cycle on these problems and two on the small ones; both are shown.`,
        `Row steps: ${cell(contenders.rk, "steps")} with the theoretical accuracy, ${cell(contenders.rkRelative, "steps")} with the relative one, ${cell(contenders.equilibrated, "steps")} on the equilibrated system.`,
      ],
    };
  },
});
