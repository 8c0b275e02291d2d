import { type Check, type Condition, formatCondition } from "@gradus/papers";
import { sampleMean, studentTQuantile } from "gradus/statistics";
import { type Cell, cellsOf, type SweepPlan } from "./plan.ts";
import type { SweepRun } from "./store.ts";

/** A figure in one combination of the grid, over the seeds. */
export interface CellFigure {
  readonly cell: Cell;
  /** Of the finished runs, by seed. */
  readonly values: readonly number[];
  readonly mean: number;
  /** Half of the 95% interval of the mean; undefined below two values, or when one is not finite. */
  readonly halfWidth: number | undefined;
  /** In how many runs the check held. */
  readonly held: number;
  /** What the figure must be, in words; undefined when that differs between seeds. */
  readonly condition: string | undefined;
  /** The bounds in `condition` that an axis can show. */
  readonly thresholds: readonly number[];
}

/** One of the experiment's checks in every combination. */
export interface Measure {
  /** The claim, or null for our own check. */
  readonly claim: string | null;
  readonly label: string;
  readonly cells: readonly CellFigure[];
}

const CONFIDENCE = 0.95;

/**
 * Half of the 95% interval of a mean by Student's t: t_{0.975, n-1} s / sqrt(n), with s the sample's standard deviation.
 * Undefined below two values, or when one is not finite.
 */
export function halfWidth(values: readonly number[]): number | undefined {
  const n = values.length;
  if (n < 2 || !values.every(Number.isFinite)) return undefined;
  const center = sampleMean(values);
  const variance = values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (n - 1);
  return studentTQuantile((1 + CONFIDENCE) / 2, n - 1) * Math.sqrt(variance / n);
}

/** The mean; where a value is not finite, what the sum says. */
function center(values: readonly number[]): number {
  return values.every(Number.isFinite)
    ? sampleMean(values)
    : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function bounds(condition: Condition): number[] {
  return Object.values(condition).flat().filter(Number.isFinite);
}

/**
 * Gives each check of a report the name by which it is found in other reports: its claim and its label, whose numbers may
 * be parameters that vary, and which of several such it is.
 */
function named(checks: readonly Check[]): (readonly [string, Check])[] {
  const seen = new Map<string, number>();
  return checks.map((check) => {
    const name = `${check.claim} ${check.label.replaceAll(/\d+([.,]\d+)*(e[-+−]?\d+)?/gi, "#")}`;
    const place = seen.get(name) ?? 0;
    seen.set(name, place + 1);
    return [`${name} ${place}`, check];
  });
}

function figure(cell: Cell, checks: readonly Check[]): CellFigure {
  const values = checks.map(({ measured }) => measured);
  const conditions = new Set(checks.map(({ condition }) => formatCondition(condition)));
  const same = conditions.size === 1;
  return {
    cell,
    values,
    mean: center(values),
    halfWidth: halfWidth(values),
    held: checks.filter(({ held }) => held).length,
    condition: same ? [...conditions][0] : undefined,
    thresholds: same ? bounds(checks[0].condition) : [],
  };
}

/** What the finished runs of a sweep measured, check by check in the experiment's order, combination by combination. */
export function summarize(
  plan: Pick<SweepPlan, "grid">,
  runs: readonly Pick<SweepRun, "cell" | "seed" | "outcome">[],
): Measure[] {
  const cells = cellsOf(plan);
  const measures = new Map<string, { readonly first: Check; readonly byCell: Map<number, Check[]> }>();
  for (const { cell, outcome } of runs)
    for (const [name, check] of named(outcome?.checks ?? [])) {
      const measure = measures.get(name) ?? { first: check, byCell: new Map<number, Check[]>() };
      measures.set(name, measure);
      measure.byCell.set(cell, [...(measure.byCell.get(cell) ?? []), check]);
    }
  return [...measures.values()].map(({ first: { claim, label }, byCell }) => ({
    claim,
    label,
    cells: cells.flatMap((cell, i) => {
      const checks = byCell.get(i);
      return checks ? [figure(cell, checks)] : [];
    }),
  }));
}

/** The condition of a measure in words, where it is the same in every combination. */
export function commonCondition({ cells }: Measure): string | undefined {
  const conditions = new Set(cells.map(({ condition }) => condition));
  return conditions.size === 1 ? cells[0].condition : undefined;
}
