import { ArgumentError } from "gradus/check";
import type { Iterate, Method } from "gradus/iterate";
import type { z } from "zod";
import type { Judgment } from "./check.ts";
import type { Exploration } from "./explore.ts";

/** `quick` ends within 20 s on two cores in Node and 45 s in a browser; `full` is the paper's size. */
export type Profile = "quick" | "full";

/** An axis of a plot. */
export interface Axis {
  /** Label, with the unit if there is one. */
  readonly label: string;
  readonly scale?: "linear" | "log";
}

/** A plot before its points: axes, mark, and the order of its series. */
export interface PlotSpecification {
  readonly id: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /**
   * `bar` takes category names as x; a bar plot with several series groups them. `heat` takes a matrix per series, side
   * by side: x names what its columns are, y its rows.
   */
  readonly mark: "line" | "dot" | "bar" | "heat";
  /** Known series in palette order; the paper's method first, drawn thickest. Others follow as they appear. */
  readonly series?: readonly string[];
  /** Series drawn as thin dashed reference lines (bounds, theory). */
  readonly references?: readonly string[];
  /** Series of single values (outliers, events): thin stems from the axis up to a dot, named where there is room. */
  readonly stems?: readonly string[];
  /** Series whose points come in pairs, the tail and the head of an arrow, such as a field of gradients. */
  readonly arrows?: readonly string[];
  /** Series that belong to another: in its color, as dashed lines or outlines of dots. From their names to its name. */
  readonly variants?: Readonly<Record<string, string>>;
  /** What the colors of a heat map stand for: one scale for all its matrices. */
  readonly color?: ColorScale;
}

/** The color scale of a heat map. */
export interface ColorScale {
  /** Label, with the unit if there is one. */
  readonly label: string;
  /** From the smallest value to the largest; or around 0, with one hue per sign. */
  readonly kind: "sequential" | "diverging";
}

/** A point of a series. */
export interface Point {
  readonly x: number | string;
  readonly y: number;
  /** The name of a stem. */
  readonly label?: string;
  /** The piece of a line that it lies on: neighbors on different pieces, such as two level lines, are not joined. */
  readonly piece?: number;
}

/** The numbers of a heat map. */
export interface Matrix {
  /** A label per row; neighbors with the same one are a band, named once. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** Row-major; null where there is none. */
  readonly values: readonly (number | null)[];
}

/** What a plot shows, by series. */
export type PlotData = Readonly<Record<string, readonly Point[] | Matrix>>;

/** Whether a series is a matrix of a heat map. */
export function isMatrix(data: readonly Point[] | Matrix): data is Matrix {
  return "values" in data && "columns" in data;
}

/** A column of a table: the key of its cells, and its heading. */
export interface Column {
  readonly key: string;
  readonly label: string;
}

/** A table of figures and words; a cell may be empty (null). */
export interface Table {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Readonly<Record<string, number | string | null>>[];
}

/** What an experiment shows while it runs. */
export type ExperimentEvent =
  | { readonly kind: "progress" /** From 0 to 1. */; readonly fraction: number; readonly message: string }
  | {
      readonly kind: "points";
      readonly plot: string;
      readonly series: string;
      readonly points: readonly Point[];
      /** They replace the points that the series had, such as means of the measurements so far. */
      readonly replaces?: true;
    }
  /** Replaces the matrix of the same plot and series. */
  | { readonly kind: "matrix"; readonly plot: string; readonly series: string; readonly matrix: Matrix }
  /** A sentence the reader should see: a skipped part, a warning. */
  | { readonly kind: "note"; readonly text: string }
  /** What the run's exploration needs, such as a trained model: plain JSON, kept with the report. */
  | { readonly kind: "explorable"; readonly value: unknown }
  /** A finished stage whose value a resumed run takes over. */
  | { readonly kind: "stage"; readonly key: string; readonly value: unknown }
  /** An iterate after which a resumed run continues the method. */
  | { readonly kind: "iterate"; readonly key: string; readonly iteration: number };

/** The findings in words and tables. */
export interface Presentation {
  /** What was found, in one sentence. */
  readonly headline: string;
  /** The results, in sentences with the measured numbers. */
  readonly summary: readonly string[];
  /** One sentence per plot, by plot id. */
  readonly captions: Readonly<Record<string, string>>;
  readonly tables?: readonly Table[];
}

/** A measurement in progress: yields what is drawn, returns `R`. */
export type ExperimentRun<R> = AsyncGenerator<ExperimentEvent, R, void>;

/** What to show during a computation, from its results so far. */
export type Show<T> = (soFar: T) => Iterable<ExperimentEvent>;

/** The iterate after which a method continues: it fits the `resume` option of every method. */
export interface Resumed extends Pick<Iterate, "iteration"> {
  readonly state: never;
}

/** A method that an experiment runs, and what it does with its iterates. */
export interface Resumable<I extends Iterate, K> {
  /** Starts the method, or continues it after an iterate. */
  method(resume?: Resumed): Method<I>;
  /** Ends the method at this iterate; without it, the method ends by itself. */
  until?(iterate: I): boolean;
  /** What is collected of the iterates, before the first: plain data, typed arrays allowed. */
  readonly kept: K;
  /** Shows an iterate, and adds to what is collected, in place. */
  each(iterate: I, kept: K): AsyncGenerator<ExperimentEvent, void, void>;
}

/** What an experiment's `measure` is given. */
export interface ExperimentContext<P> {
  readonly parameters: P;
  readonly profile: Profile;
  readonly seed: number;
  readonly signal: AbortSignal;
  /**
   * Runs one resumable part: `const value = yield* stage("1v8", async function* () { ... return value; })`.
   * The value (plain data, typed arrays allowed) is stored when the part ends; a resumed run takes it from there.
   */
  stage<T>(key: string, body: () => ExperimentRun<T>): ExperimentRun<T>;
  /**
   * Runs a method to its end inside a stage, so that an interrupted run continues after one of its iterates, and returns
   * its last iterate and what was collected:
   * `const { iterate } = yield* resumable("training", { method: (resume) => train({ ...options, resume }), ... })`.
   * The key is unique within the stage.
   */
  resumable<I extends Iterate, K>(
    key: string,
    method: Resumable<I, K>,
  ): ExperimentRun<{ readonly iterate: I; readonly kept: K }>;
}

/**
 * An experiment without its entry in the paper: how it measures, judges and presents. `F` is the type of its findings:
 * plain data (numbers, strings, arrays, records), kept with every run. `judge` and `present` are pure: when a criterion
 * or a sentence changes, kept findings are judged and presented again without measuring.
 */
export interface ExperimentDefinition<S extends z.ZodObject = z.ZodObject, F = unknown> {
  /** One or two sentences: what is run and what is measured. */
  readonly description: string;
  /** Every field has a default (the paper's value), a description, and bounds. */
  readonly parameters: S;
  /** The values of each profile that differ from the defaults. */
  readonly profiles: Readonly<Record<Profile, Partial<z.infer<S>>>>;
  /**
   * Parameters that cannot be changed from their quick values in a browser, because they need files of the data
   * directory: a page shows the command for them instead.
   */
  readonly dataDirectory?: readonly (keyof z.infer<S> & string)[];
  /** Parameters that need the test set of MNIST, Fashion-MNIST or both, which a site serves. */
  readonly testImages?: Readonly<Partial<Record<keyof z.infer<S> & string, readonly TestImages[]>>>;
  /** Approximate duration of each profile in Node on two cores, in seconds. */
  readonly seconds: Readonly<Record<Profile, number>>;
  readonly plots: readonly PlotSpecification[];
  /** What a reader can do with a finished run that stored something to explore. */
  readonly explore?: Exploration;
  /** Yields what is drawn during the measurement, returns the findings: plain data without any text about them. */
  measure(context: ExperimentContext<z.infer<S>>): ExperimentRun<F>;
  /** Compares the findings with the conditions of the claims. Labels do not depend on the findings. */
  judge(findings: F): readonly Judgment[];
  /** Describes what was found. */
  present(findings: F): Presentation;
}

/** A data set whose test images a site serves. */
export type TestImages = "mnist" | "fashion-mnist";

/** The fields that a paper's entry adds to an experiment. */
interface Named {
  /** Kebab-case, unique within the paper. */
  readonly id: string;
  readonly title: string;
  /** Ids of the paper's claims that this experiment measures. */
  readonly claims: readonly string[];
  /** Nothing is random: every seed gives the same findings except for measured times, so only one is measured. */
  readonly seedless?: true;
}

/** An experiment of a paper. */
export interface Experiment<S extends z.ZodObject = z.ZodObject> extends Named, ExperimentDefinition<S> {}

/** Declares an experiment; the schema's type flows into `measure`, what it returns into `judge` and `present`. */
export function defineExperiment<S extends z.ZodObject, F>(
  experiment: ExperimentDefinition<S, F>,
): ExperimentDefinition<S, F> {
  return experiment;
}

/** Progress of the whole experiment, `fraction` from 0 to 1. */
export function progress(fraction: number, message: string): ExperimentEvent {
  return { kind: "progress", fraction: Math.min(1, Math.max(0, fraction)), message };
}

/** One point of a series. */
export function point(plot: string, series: string, x: number | string, y: number): ExperimentEvent {
  return { kind: "points", plot, series, points: [{ x, y }] };
}

/** Several points of a series at once. */
export function points(plot: string, series: string, values: readonly Point[]): ExperimentEvent {
  return { kind: "points", plot, series, points: values };
}

/** All points of a series so far, replacing those that it had. */
export function replacePoints(plot: string, series: string, values: readonly Point[]): ExperimentEvent {
  return { kind: "points", plot, series, points: values, replaces: true };
}

/** A series with one point per value, such as the positions at which a curve is drawn. */
export function curve<T>(
  plot: string,
  series: string,
  values: Iterable<T> | ArrayLike<T>,
  at: (value: T, index: number) => Point,
): ExperimentEvent {
  return points(plot, series, Array.from(values, at));
}

/** A curve so far, replacing the points that its series had. */
export function replaceCurve<T>(
  plot: string,
  series: string,
  values: Iterable<T> | ArrayLike<T>,
  at: (value: T, index: number) => Point,
): ExperimentEvent {
  return replacePoints(plot, series, Array.from(values, at));
}

/**
 * A matrix of a heat map, replacing the one of the same series.
 *
 * @param values row-major, as many as there are rows times columns
 * @throws ArgumentError when the number of values differs
 */
export function matrix(
  plot: string,
  series: string,
  { rows, columns, values }: Omit<Matrix, "values"> & { readonly values: ArrayLike<number> },
): ExperimentEvent {
  if (values.length !== rows.length * columns.length)
    throw new ArgumentError(
      `values must be ${rows.length} x ${columns.length} numbers, got ${values.length} for ${series} of ${plot}`,
    );
  const numbers = Array.from(values, (value) => (Number.isFinite(value) ? value : null));
  return { kind: "matrix", plot, series, matrix: { rows, columns, values: numbers } };
}

/** A name with a number below it, such as `λ₁₂`: stems have no markup. */
export function indexed(name: string, index: number): string {
  return name + [...String(index)].map((digit) => String.fromCodePoint(0x2080 + Number(digit))).join("");
}

/** A sentence for the reader. */
export function note(text: string): ExperimentEvent {
  return { kind: "note", text };
}

/** Keeps what the exploration of the run needs, in place of what was kept before: plain JSON, of some hundred kilobytes. */
export function keepForExploration(value: unknown): ExperimentEvent {
  return { kind: "explorable", value };
}
