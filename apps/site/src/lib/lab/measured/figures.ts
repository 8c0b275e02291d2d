import type { Matrix, PlotData, Point, Profile, RunReport } from "@gradus/papers";
import { parseCheckpoint, serializeCheckpoint } from "gradus/iterate";

/** JSON has no word for what is infinite. */
type Infinite = "Infinity" | "-Infinity";

/** A series in few bytes: what its points have in common is written once. */
export interface PackedSeries {
  readonly x: readonly (number | string | null)[];
  /** Null is a gap. */
  readonly y: readonly (number | Infinite | null)[];
  /** Names of points by their place. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The piece of each point of a line in pieces. */
  readonly pieces?: readonly number[];
}

/** What one experiment's official run drew. */
export interface MeasuredFigures {
  readonly profile: Profile;
  readonly seed: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** ISO instant. */
  readonly startedAt: string;
  readonly notes: readonly string[];
  /** What it found, as `packed` JSON: what is said of it is presented from this. */
  readonly findings: unknown;
  /** By plot, then by series. */
  readonly plots: Readonly<Record<string, Readonly<Record<string, PackedSeries | Matrix>>>>;
}

/** The official figures of a paper, by experiment. */
export type PaperFigures = Readonly<Record<string, MeasuredFigures>>;

/** More than an eye or a screen tells apart, and less than half of what a double takes. */
const DIGITS = 6;

const rounded = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : null);

function packedHeight(y: number): number | Infinite | null {
  if (y === Number.POSITIVE_INFINITY) return "Infinity";
  return y === Number.NEGATIVE_INFINITY ? "-Infinity" : rounded(y);
}

function packSeries(points: readonly Point[]): PackedSeries {
  const labels = Object.fromEntries(
    points.flatMap(({ label }, i) => (label === undefined ? [] : [[i, label]])),
  );
  return {
    x: points.map(({ x }) => (typeof x === "string" ? x : rounded(x))),
    y: points.map(({ y }) => packedHeight(y)),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(points.some(({ piece }) => piece !== undefined) && { pieces: points.map(({ piece = 0 }) => piece) }),
  };
}

function unpackSeries({ x, y, labels = {}, pieces }: PackedSeries): Point[] {
  return x.map((at, i) => ({
    x: at ?? Number.NaN,
    y: Number(y[i] ?? Number.NaN),
    ...(labels[i] !== undefined && { label: labels[i] }),
    ...(pieces && { piece: pieces[i] }),
  }));
}

function isPacked(series: PackedSeries | Matrix): series is PackedSeries {
  return "x" in series;
}

function mapped<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

/** Keeps of a run what its figures need, to six digits. */
export function packFigures(report: RunReport): MeasuredFigures {
  const { profile, seed, parameters, startedAt, notes, findings } = report;
  const { plots, series, matrices = {} } = report;
  const drawn = plots.flatMap(({ id }) => {
    const data = {
      ...mapped(series[id] ?? {}, packSeries),
      ...mapped(matrices[id] ?? {}, (matrix) => ({
        ...matrix,
        values: matrix.values.map((value) => (value === null ? null : rounded(value))),
      })),
    };
    return Object.keys(data).length > 0 ? [[id, data] as const] : [];
  });
  return {
    profile,
    seed,
    parameters,
    startedAt,
    notes,
    findings: JSON.parse(serializeCheckpoint(findings)),
    plots: Object.fromEntries(drawn),
  };
}

/** The findings of the run, with every number as it was. */
export function measuredFindings({ findings }: MeasuredFigures): unknown {
  return parseCheckpoint(JSON.stringify(findings));
}

/** What is drawn of one plot; nothing where the run drew none. */
export function measuredPlot({ plots }: MeasuredFigures, plot: string): PlotData {
  return mapped(plots[plot] ?? {}, (series) => (isPacked(series) ? unpackSeries(series) : series));
}
