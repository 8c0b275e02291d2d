import {
  type BlockCoordinateIterate,
  type BlockCoordinateOptions,
  type BlockProblem,
  blockCoordinateIterates,
} from "gradus/optimize";
import { type ExperimentRun, type Point, points, type Table } from "../experiment.ts";

/** A combination of rules, and what tables and plots call it. */
export interface Contender {
  readonly label: string;
  readonly options: BlockCoordinateOptions;
}

/** What a run of a fixed number of iterations came to. */
export interface RuleRun {
  readonly label: string;
  readonly iterations: number;
  /** f - f* at the end. */
  readonly gap: number;
  /** log10 of the last gap over the first. */
  readonly decades: number;
  /** The first iteration whose gap is at most the target's share of the first; null when none is. */
  readonly toTarget: number | null;
  /** Multiplications and additions. */
  readonly flops: number;
  readonly seconds: number;
  /** Mean number of coordinates in a block. */
  readonly blockSize: number;
}

/** How a run is watched. */
export interface FollowOptions {
  readonly iterations: number;
  /** f - f* at an iterate. */
  readonly gap: (iterate: BlockCoordinateIterate) => number;
  /** Share of the first gap. */
  readonly target: number;
  /** End at the target. */
  readonly stop?: boolean;
  /** The plots that get its gaps, against iterations and against flops. */
  readonly plots?: { readonly iterations: string; readonly flops?: string };
  readonly signal: AbortSignal;
}

/** About this many points of a run are drawn. */
const DRAWN = 100;
/** Points are shown so often while a run goes on. */
const SHOWN_MILLISECONDS = 100;

/** Follows one combination of rules. */
export async function* followRule(
  problem: BlockProblem,
  { label, options }: Contender,
  { iterations, gap, target, stop = false, plots, signal }: FollowOptions,
): ExperimentRun<RuleRun> {
  const every = Math.ceil(iterations / DRAWN);
  let byIteration: Point[] = [];
  let byFlops: Point[] = [];
  const start = performance.now();
  let shown = start;
  let first = Number.NaN;
  let toTarget: number | null = null;
  let moved = 0;
  for await (const iterate of blockCoordinateIterates(problem, { ...options, signal })) {
    const { iteration, flops } = iterate;
    const now = gap(iterate);
    if (iteration === 0) first = now;
    moved += iterate.block.length;
    const reached = now <= target * first;
    if (reached) toTarget ??= iteration;
    const last = iteration === iterations || (stop && reached);
    if (plots && now > 0 && (last || iteration % every === 0 || (stop && iteration <= DRAWN))) {
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
    if (!last) continue;
    return {
      label,
      iterations: iteration,
      gap: now,
      // below the rounding of the first gap there is nothing to tell
      decades: Math.log10(Math.max(now / first, 1e-18)),
      toTarget,
      flops,
      seconds: (performance.now() - start) / 1000,
      blockSize: iteration === 0 ? 0 : moved / iteration,
    };
  }
  throw new Error("unreachable: a method yields until it is told to stop");
}

/** A row of the table that every experiment prints. */
export function ruleRow(data: string, run: RuleRun): Table["rows"][number] {
  const { label, gap, decades, toTarget, flops, seconds } = run;
  return { data, rule: label, gap, decades, toTarget, flops, seconds };
}

/** Its columns. */
export function ruleColumns(target: number): Table["columns"] {
  return [
    { key: "data", label: "data" },
    { key: "rule", label: "rule" },
    { key: "gap", label: "final f − f*" },
    { key: "decades", label: "log10 of final over first f − f*" },
    { key: "toTarget", label: `iterations to ${target} of the first f − f*` },
    { key: "flops", label: "flops" },
    { key: "seconds", label: "seconds" },
  ];
}

/** The middle number (the upper one of two). */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** The seeds of a run: 0, 1, 2, ... where the experiment's seed is 1. */
export function seedsFrom(seed: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => Math.max(0, seed - 1) + k);
}

/** Decades of every rule, seed by seed. */
export interface DecadesByRule {
  add(run: RuleRun): void;
  of(label: string): readonly number[];
  /** The largest difference, over the seeds, of two rules' decades: negative where the first is always ahead. */
  worst(better: string, worse: string): number;
  median(label: string): number;
}

/** An empty collection. */
export function decadesByRule(): DecadesByRule {
  const runs = new Map<string, number[]>();
  function of(label: string): readonly number[] {
    const found = runs.get(label);
    if (!found) throw new Error(`no run of "${label}"`);
    return found;
  }
  return {
    add({ label, decades }) {
      runs.set(label, [...(runs.get(label) ?? []), decades]);
    },
    of,
    worst: (better, worse) => Math.max(...of(better).map((value, k) => value - of(worse)[k])),
    median: (label) => median(of(label)),
  };
}
