import { basename } from "node:path";
import { type ImportedModel, importOnnx, loadOnnx, type OnnxFile } from "@gradus/graph";
import { formatFigure } from "@gradus/papers";
import { GradusError } from "gradus/check";
import {
  distanceMatrix,
  type ExplainerName,
  explainerNames,
  finiteDifferences,
  explainers as methods,
  onnxModel,
  type TracedExplainableModel,
} from "gradus/explain";
import type { DenseMatrix } from "gradus/linalg";
import { type ExplainableModelOptions, explainableModel } from "gradus/models";
import { SourceError } from "../data-files/source-error.ts";
import { type TableWords, tablesOf } from "../data-files/table.ts";
import { exitStatus, UsageError } from "../errors.ts";
import { arrangedSession } from "../explain/arranged-session.ts";
import type { Baseline } from "../explain/baselines.ts";
import { compareRow, type MethodOfRow, narrowKernelAdvice } from "../explain/compare-row.ts";
import { noiseAdvice } from "../explain/noise.ts";
import { openRow, readRows } from "../explain/read-rows.ts";
import { type ExplainedRow, type ExplainSummary, explainTables, nestedRows } from "../explain/view.ts";
import type { Host } from "../host.ts";
import { type InputWords, inputOptions } from "../model/input-options.ts";
import { orSourceError, readModelFile } from "../model/model-file.ts";
import { json } from "../results/json.ts";
import { writeLines } from "../terminal/output.ts";
import { tableLines } from "../terminal/report.ts";
import { stack, wrap } from "../terminal/text.ts";

export interface ExplainCommandOptions extends InputWords, TableWords {
  readonly data: string;
  readonly target?: string;
  /** Numbers from 1. */
  readonly row?: readonly string[];
  readonly output?: string;
  readonly column?: number;
  readonly features?: number;
  readonly baseline?: Baseline;
  readonly samples?: number;
  readonly sigma?: number;
  readonly width?: number;
  /** Step of central differences. */
  readonly differences?: number;
  readonly seed?: number;
  readonly json?: boolean;
}

type GradientOptions = Pick<ExplainableModelOptions, "output" | "row" | "constants" | "batchAxes">;

/** Gradients of the columns of a model's scores by its own graph, compiled once a column. */
class Gradients implements Disposable {
  readonly #model: ImportedModel;
  readonly #options: GradientOptions;
  readonly #compiled = new Map<number, TracedExplainableModel>();

  constructor(model: ImportedModel, options: GradientOptions) {
    this.#model = model;
    this.#options = options;
  }

  async of(column: number): Promise<TracedExplainableModel> {
    const known = this.#compiled.get(column);
    if (known) return known;
    const made = await explainableModel(this.#model, { ...this.#options, column });
    this.#compiled.set(column, made);
    return made;
  }

  [Symbol.dispose](): void {
    for (const model of this.#compiled.values()) model.dispose();
  }
}

/** A file's gradients; where its graph has none, says what is missing and uses values alone. */
async function openGradients(
  host: Host,
  file: string,
  { bytes, external }: OnnxFile,
  options: GradientOptions,
): Promise<Gradients | undefined> {
  try {
    const model = orSourceError(file, () => importOnnx(bytes, { external }));
    const gradients = new Gradients(model, options);
    await orSourceError(file, () => gradients.of(0));
    return gradients;
  } catch (error) {
    if (!(error instanceof GradusError)) throw error;
    const text = `Without gradients: ${error.message}. --differences computes them by central differences.`;
    writeLines(host.err, wrap(text, host.err.columns));
    return undefined;
  }
}

/** The rows that are asked for, from 0. */
function chosenRows(words: readonly string[] = ["1"], count: number): number[] {
  return words.map((word) => {
    const row = /^\d+$/.test(word) ? Number(word) : Number.NaN;
    if (row >= 1 && row <= count) return row - 1;
    const wanted =
      count === 1 ? "1, as the data have one row" : `a whole number from 1 to the ${count} rows of the data`;
    throw new UsageError(`--row must be ${wanted}, got "${word}"`);
  });
}

function meanRow({ rows, columns, values }: DenseMatrix): Float64Array {
  const mean = new Float64Array(columns);
  for (let k = 0; k < values.length; k++) mean[k % columns] += values[k] / rows;
  return mean;
}

/** Beyond this share of the distance of the scores the quadrature of Integrated Gradients has missed something. */
const INCOMPLETE = 0.05;

/** Says so where the attributions of Integrated Gradients do not add up to what they share out. */
function warnIncomplete({ err }: Host, row: number, shares: Float64Array, distance: number): void {
  const sum = shares.reduce((total, share) => total + share, 0);
  if (!(Math.abs(sum - distance) > INCOMPLETE * Math.abs(distance))) return;
  const text = `Integrated Gradients of row ${row} add up to ${formatFigure(sum)} instead of ${formatFigure(distance)}, the score's distance from the baseline's: the score has a step on the way from the baseline that the quadrature misses. Use KernelSHAP, or scale the features.`;
  writeLines(err, wrap(text, err.columns));
}

/**
 * Says so where the perturbations of a method leave attributions open, which are then the smallest that fit, often 0.
 *
 * @param varied features of the row that differ from the baseline
 */
function warnUndetermined({ err }: Host, row: number, found: readonly MethodOfRow[], varied: number): void {
  for (const { name, explanation } of found) {
    const unknowns = name === "lime" || name === "kernelShap" ? varied + 1 : 0;
    if (!("ranks" in explanation) || explanation.ranks[0] >= unknowns) continue;
    const known = Math.max(0, explanation.ranks[0] - 1);
    const advice =
      name === "lime"
        ? "Raise --samples, or choose a larger --width, a distance at which perturbed rows still count, or scale the features."
        : "Raise --samples.";
    const text = `${methods[name].label} of row ${row} determines only ${known} of ${varied} attributions: its perturbations say nothing about the others. ${advice}`;
    writeLines(err, wrap(text, err.columns));
  }
}

/**
 * Checks the scores of one row before anything is explained by them.
 *
 * @throws SourceError naming the column whose score is not finite
 */
function checkScores({ values }: DenseMatrix, place: string, advice: string): void {
  const column = values.findIndex((value) => !Number.isFinite(value));
  if (column >= 0)
    throw new SourceError(
      `scores must be finite, but the model gives ${values[column]} in column ${column} ${place}; ${advice}`,
    );
}

const rowAt = ({ columns, values }: DenseMatrix, row: number): DenseMatrix => ({
  rows: 1,
  columns,
  values: values.slice(row * columns, (row + 1) * columns),
});

/** `gradus explain`: rows of a file, explained by all methods that the model allows. Returns the exit status. */
export async function explainRows(host: Host, file: string, options: ExplainCommandOptions): Promise<number> {
  if (!file.endsWith(".onnx")) throw new UsageError(`explain reads .onnx, got ${file}`);
  const { output, features, samples, sigma, width, differences, seed = 1 } = options;
  const read = await readModelFile(file);
  using loaded = await orSourceError(file, () => loadOnnx(read.bytes, { external: read.external }));
  const arrangement = inputOptions(options);
  const session = arrangedSession(loaded, arrangement);
  const [input] = session.inputs;
  const tables = tablesOf(host, options, [options.data]);
  const data = { path: options.data, target: options.target, tables };
  const open = features === undefined && input ? await openRow(data, input) : undefined;
  const whole = onnxModel(session, { output, features, row: open });
  const given = features !== undefined && input.spec.shape.length === 2 ? [features] : undefined;
  using gradients =
    differences === undefined
      ? await openGradients(host, file, read, { output, row: open ?? given, ...arrangement })
      : undefined;
  const { rows, names } = await readRows(data, session.inputs[0], whole.features);
  const baseline = options.baseline === "mean" ? meanRow(rows) : new Float64Array(whole.features);
  const atBaseline = await whole.scores({ rows: 1, columns: whole.features, values: baseline });

  checkScores(
    atBaseline,
    `at the baseline (${options.baseline === "mean" ? "the mean of the rows" : "zeros"})`,
    "choose the other --baseline, or scale the rows as in training",
  );

  const noise = noiseAdvice(rows, names, sigma);
  if (noise) writeLines(host.err, wrap(noise, host.err.columns));
  const explained: (Omit<ExplainedRow, "attributions"> & { readonly found: readonly MethodOfRow[] })[] = [];
  for (const row of chosenRows(options.row, rows.rows)) {
    const x = rowAt(rows, row);
    const scores = await whole.scores(x);
    checkScores(scores, `for row ${row + 1}`, "scale the rows as in training");
    const column = options.column ?? scores.values.indexOf(Math.max(...scores.values));
    if (column >= scores.columns)
      throw new UsageError(`--column must be a whole number from 0 to ${scores.columns - 1}, got ${column}`);
    const values = onnxModel(session, { output, features, row: open, column });
    const model = differences === undefined ? values : finiteDifferences(values, { step: differences });
    const found = await compareRow((await gradients?.of(column)) ?? model, x, {
      samples,
      sigma,
      width,
      seed,
      baseline,
      signal: host.signal,
    });
    const integrated = found.find(({ name }) => name === "integratedGradients");
    if (integrated) {
      const { values: shares } = integrated.explanation.attributions;
      warnIncomplete(host, row + 1, shares, scores.values[column] - atBaseline.values[column]);
    }
    if (!found.some(({ name }) => name === "lime"))
      writeLines(host.err, wrap(narrowKernelAdvice(row + 1, x.values, baseline, width), host.err.columns));
    const varied = x.values.filter((value, j) => value !== baseline[j]).length;
    warnUndetermined(host, row + 1, found, varied);
    explained.push({
      row: row + 1,
      column,
      columns: scores.columns,
      score: scores.values[column],
      baselineScore: atBaseline.values[column],
      values: Array.from(x.values),
      found,
    });
  }
  const explainers = explainerNames.filter((name) =>
    explained.every(({ found }) => found.some((method) => method.name === name)),
  );
  const attributionsOf = (found: readonly MethodOfRow[], wanted: ExplainerName): number[] =>
    found.flatMap(({ name, explanation }) =>
      name === wanted ? Array.from(explanation.attributions.values) : [],
    );
  // one matrix for each method, with all rows
  const joined = explainers.map((name) => ({
    rows: explained.length,
    columns: whole.features,
    values: Float64Array.from(explained.flatMap(({ found }) => attributionsOf(found, name))),
  }));
  const summary: ExplainSummary = {
    format: 1,
    ...{ source: basename(file), features: names, explainers, seed },
    cosine: nestedRows(distanceMatrix(joined, "cosine")),
    rows: explained.map(({ found, ...row }) => ({
      ...row,
      attributions: explainers.map((name) => attributionsOf(found, name)),
    })),
  };
  if (options.json) {
    host.out.write(json(summary));
    return exitStatus.success;
  }
  const { columns: terminal, palette } = host.out;
  const advice = "Shares and slopes have different units: compare the order of features, not their sizes.";
  writeLines(
    host.out,
    stack([
      ...explainTables(summary).map((table) => tableLines(table, terminal, palette)),
      wrap(advice, terminal),
    ]),
  );
  return exitStatus.success;
}
