import {
  type BlockCoordinateIterate,
  type BlockCoordinateOptions,
  type BlockProblem,
  blockCoordinateIterates,
} from "gradus/optimize";
import { median } from "gradus/statistics";
import { type Check, check } from "../check.ts";
import {
  type ExperimentContext,
  type ExperimentRun,
  type Point,
  points,
  progress,
  type Table,
} from "../experiment.ts";
import { criterion, reported } from "../ground.ts";
import { tableOf } from "../shared/tables.ts";

/** A combination of rules, and its name in tables and plots. */
export interface Contender {
  readonly label: string;
  readonly options: BlockCoordinateOptions;
}

/** The figures kept from a run of a fixed number of iterations. */
export interface RuleRun {
  /** f − f* at the end. */
  readonly gap: number;
  /** The first iteration whose gap is at most the target times the initial gap; null if there is none. */
  readonly toTarget: number | null;
  /** Multiplications and additions. */
  readonly flops: number;
  /** Mean number of coordinates in a block. */
  readonly blockSize: number;
}

/** All rules on one data set. */
export interface DataSet {
  readonly name: string;
  /** f − f* at the start. */
  readonly first: number;
  readonly runs: Readonly<Record<string, RuleRun>>;
}

/** How runs are followed. */
export interface FollowOptions {
  readonly iterations: number;
  /** f − f* at an iterate. */
  readonly gap: (iterate: BlockCoordinateIterate) => number;
  /** Share of the first gap. */
  readonly target: number;
  /** The plots that get its gaps, against iterations and against flops. */
  readonly plots?: { readonly iterations: string; readonly flops?: string };
  readonly signal: AbortSignal;
}

/** About this many points of a run are drawn. */
const DRAWN = 100;
/** How often points are shown during a run. */
const SHOWN_MILLISECONDS = 100;

/** Follows one combination of rules; also returns the first gap. */
export async function* followRule(
  problem: BlockProblem,
  { label, options }: Contender,
  { iterations, gap, target, plots, signal }: FollowOptions,
): ExperimentRun<RuleRun & Pick<DataSet, "first">> {
  const every = Math.ceil(iterations / DRAWN);
  let byIteration: Point[] = [];
  let byFlops: Point[] = [];
  let shown = performance.now();
  let first = Number.NaN;
  let toTarget: number | null = null;
  let moved = 0;
  for await (const iterate of blockCoordinateIterates(problem, { ...options, signal })) {
    const { iteration, flops } = iterate;
    const now = gap(iterate);
    if (iteration === 0) first = now;
    moved += iterate.block.length;
    if (now <= target * first) toTarget ??= iteration;
    const last = iteration === iterations;
    if (plots && now > 0 && (last || iteration % every === 0)) {
      byIteration.push({ x: iteration, y: now });
      if (flops > 0) byFlops.push({ x: flops, y: now });
    }
    if (plots && byIteration.length > 0 && (last || performance.now() - shown > SHOWN_MILLISECONDS)) {
      yield points(plots.iterations, label, byIteration);
      if (plots.flops && byFlops.length > 0) yield points(plots.flops, label, byFlops);
      byIteration = [];
      byFlops = [];
      shown = performance.now();
    }
    if (last) return { first, gap: now, toTarget, flops, blockSize: moved / iteration };
  }
  throw new Error("unreachable: a method yields until it is told to stop");
}

/** Which data set, with which seed, and between which fractions of the experiment. */
export interface Place extends Pick<ExperimentContext<unknown>, "stage"> {
  readonly name: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

/** Follows all rules on one data set, one stage each. */
export async function* followRules(
  problem: BlockProblem,
  contenders: readonly Contender[],
  { name, seed, from, to, stage }: Place,
  options: FollowOptions,
): ExperimentRun<DataSet> {
  const runs: Record<string, RuleRun> = {};
  let start = Number.NaN;
  for (const [j, contender] of contenders.entries()) {
    const { label } = contender;
    yield progress(from + (j / contenders.length) * (to - from), `${name}, ${label}`);
    const seeded = { label, options: { ...contender.options, seed } };
    const { first, ...run } = yield* stage(`${name}, ${label}`, () => followRule(problem, seeded, options));
    start = first;
    runs[label] = run;
  }
  return { name, first: start, runs };
}

/** log10 of the last gap over the first; gaps below the rounding of the first one are not distinguished. */
function decadesOf({ first, runs }: DataSet, label: string): number {
  const run = runs[label];
  if (!run) throw new Error(`no run of "${label}"`);
  return Math.log10(Math.max(run.gap / first, 1e-18));
}

/** log10 of the last gap over the first, median of the data sets. */
export function medianDecades(sets: readonly DataSet[], label: string): number {
  return median(sets.map((set) => decadesOf(set, label)));
}

/** The final f − f* of one rule over that of a better one, the smallest over the data sets. */
export function leastLead(sets: readonly DataSet[], better: string, worse: string): number {
  return Math.min(...sets.map((set) => 10 ** (decadesOf(set, worse) - decadesOf(set, better))));
}

const faster = criterion(
  "“faster” is at least 1.5 times closer to the optimum after the same iterations, on every data set",
);
export const FASTER = { condition: { atLeast: 1.5 }, ground: faster } as const;

/** A rule's label within a sentence, such as `GS (fixed)`. */
const inWords = (label: string) => label.replace(/, (.*)$/, " ($1)");

/** The name of a lead in checks. */
export function leadLabel(sets: readonly DataSet[], better: string, worse: string, where = ""): string {
  const least = sets.length > 1 ? `, smallest of ${sets.length} data sets` : "";
  return `${where}f − f* of ${inWords(worse)} over that of ${inWords(better)}${least}`;
}

/** The check that one rule is ahead of another. */
export function ahead(
  claim: string,
  sets: readonly DataSet[],
  [better, worse]: readonly [better: string, worse: string],
  {
    where = "",
    condition,
    ground,
  }: Pick<Check, "condition" | "ground"> & { readonly where?: string } = FASTER,
): Check {
  return check(
    claim,
    leadLabel(sets, better, worse, where),
    leastLead(sets, better, worse),
    condition,
    ground,
  );
}

/** Tolerance for another draw of the data, in decades. */
const ANOTHER_DRAW = 0.5;

/** The check that a rule gets as far as in a figure of the paper, in decades. */
export function asPublished(
  claim: string,
  sets: readonly DataSet[],
  [label, value]: readonly [label: string, decades: number],
  figure: string,
): Check {
  return check(
    claim,
    `${inWords(label)}: log10 of last over first f − f*, median of ${sets.length} data sets`,
    medianDecades(sets, label),
    { between: [value - ANOTHER_DRAW, value + ANOTHER_DRAW] },
    reported(
      `${figure}, read off the vector figure in the authors’ repository: ${value}; half a decade is allowed for another draw of the data`,
    ),
  );
}

/** Every rule on every data set. */
export function rulesTable(sets: readonly DataSet[], target: number): Table {
  return tableOf(
    "rules",
    "Every rule",
    {
      ...{ data: "data", rule: "rule", gap: "final f − f*" },
      ...{ decades: "log10 of last over first f − f*" },
      ...{ toTarget: `iterations to ${target} of the first f − f*`, flops: "flops" },
    },
    sets.flatMap((set) =>
      Object.entries(set.runs).map(([rule, { gap, toTarget, flops }]) => ({
        data: set.name,
        rule,
        gap,
        decades: decadesOf(set, rule),
        toTarget,
        flops,
      })),
    ),
  );
}
