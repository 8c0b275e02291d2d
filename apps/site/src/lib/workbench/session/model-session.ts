import {
  addLowRankBranches,
  GraphError,
  importOnnx,
  inspectModel,
  linearHead,
  loadOnnx,
  type ModelInspection,
  type NamedSpec,
  type OnnxGraph,
  type OnnxModel,
  onnxGraph,
} from "@gradus/graph";
import { ArgumentError, DataError } from "gradus/check";
import { loadDataset, parseNpy } from "gradus/data";
import { arrangeInputs } from "gradus/models";
import { bytesOfFile, textOfFile } from "../chosen-file.ts";
import { columnNames } from "../column-list.ts";
import { type Histogram, histogramOf } from "../histogram.ts";
import { type DecodeImage, tableFromImages } from "../image-rows.ts";
import type {
  Example,
  Explained,
  InputObstacle,
  InputPart,
  OpenedModel,
  Prediction,
  RowInput,
  RowsSummary,
  SpectrumShown,
  Tasks,
  TuneEpoch,
  TuneResult,
  TuneSettings,
} from "../protocol.ts";
import { type LabeledTable, tableFromArrays, tableFromCsv } from "../rows.ts";
import { type ArchiveTable, tableFromArchive } from "./archive-rows.ts";
import { bundledRows } from "./bundled-rows.ts";
import { decodeImage } from "./decode-image.ts";
import { explainRow } from "./explain.ts";
import { type LabeledSource, labeledData } from "./labeled-data.ts";
import { predict } from "./predict.ts";
import { arrangementOf, type Chosen, checkSizes, rowInput, withSources } from "./row-input.ts";
import { selfContained } from "./self-contained.ts";
import { measureCurvature } from "./spectrum.ts";
import { tune } from "./tune.ts";

/** A model as it was opened, and as it is now. */
interface Opened {
  readonly name: string;
  readonly input: RowInput | InputObstacle;
  /** How rows go in with what is chosen where the file leaves it open. */
  readonly inputFor: (chosen: Chosen) => RowInput | InputObstacle;
  /** The name of the output that is shown, tuned and explained; the first of floating-point numbers when left out. */
  readonly output?: string;
  readonly dtype: "f32" | "f64";
  /** Both are read when they are needed: the browser keeps files outside the page's memory. */
  readonly original: Blob;
  readonly file: Blob;
  /** Made at the first run. */
  runnable?: Promise<OnnxModel>;
}

/** The curvature is measured on at most this many rows: its time grows with them. */
const CURVATURE_ROWS = 256;

const bytesOf = ({ name, file }: { readonly name: string; readonly file: Blob }) =>
  bytesOfFile({ name, part: file });

/** The message of an error of the graph, without the function's name; what is no such error is thrown on. */
function refusalOf(error: unknown): string {
  if (error instanceof GraphError) return error.message.replace(/^importOnnx: /, "");
  throw error;
}

/** What the worker of the workbench knows: one model and rows for it. */
export class ModelSession {
  #opened: Opened | undefined;
  #table: LabeledTable | ArchiveTable | undefined;
  readonly #decode: DecodeImage;

  /** @param decode by default the browser's decoder */
  constructor(decode: DecodeImage = decodeImage) {
    this.#decode = decode;
  }

  #model(): Opened {
    if (!this.#opened) throw new ArgumentError("no model is open");
    return this.#opened;
  }

  #input(): RowInput {
    const { input } = this.#model();
    if ("obstacle" in input) throw new ArgumentError(input.obstacle);
    return input;
  }

  /**
   * Reads a model's file, and the tensors of those that were chosen with it. One with operators that cannot be imported,
   * or without its tensors, is opened all the same, with the reason.
   *
   * @throws UnsupportedError when the file is not an ONNX model; what `inputs` and `rows` throw for what was kept
   */
  async open(
    { file, beside = [], kept = {} }: Tasks["open"]["given"],
    report: (stage: string) => void,
  ): Promise<OpenedModel> {
    report("reading the file");
    const own = await bytesOf({ name: file.name, file });
    report("reading the graph");
    const graph = onnxGraph(own);
    const { bytes, missing } = await selfContained(own, beside);
    const model = {
      ...described(file.name, bytes, graph),
      ...(missing.length > 0 && without(apart(file.name, missing))),
    };
    const dtype = model.inspection?.inputs[0]?.dtype === "f64" ? "f64" : "f32";
    this.#close();
    const inputFor = (chosen: Chosen) => rowInput(graph, (one) => typeOf(one, model.inspection), chosen);
    const original = bytes === own ? file : new Blob([bytes]);
    const now = kept.tuned ?? original;
    this.#opened = { name: file.name, original, file: now, input: model.input, inputFor, dtype };
    if (kept.inputs) await this.inputs(kept.inputs);
    if (kept.output !== undefined) await this.output({ name: kept.output });
    if (kept.rows) await this.rows(kept.rows);
    return model;
  }

  /** @throws ArgumentError, DataError when no input reads columns, or a number does not fit an input */
  async inputs({ sources, sizes = {}, axes }: Tasks["inputs"]["given"]): Promise<Tasks["inputs"]["answer"]> {
    const opened = this.#model();
    checkSizes(sizes);
    const sized = opened.inputFor({ sizes, axes });
    this.#table = undefined;
    if ("obstacle" in sized) {
      // Other sizes may be open where the rows are along another axis.
      if (!sized.open) throw new ArgumentError(sized.obstacle);
      this.#opened = { ...opened, input: sized };
      return { input: sized };
    }
    const input = withSources(sized, sources);
    this.#opened = { ...opened, input };
    // What is constant decides bounds and branches: with it a model may be differentiated that cannot be without.
    const again = sized.open || [input, opened.input].some(hasConstants);
    if (!again) return { input };
    return { input, inspection: inspected(await bytesOf(opened), { sizes, input }).inspection };
  }

  /** @throws ArgumentError when there is no such output */
  async output({ name }: Tasks["output"]["given"]): Promise<Tasks["output"]["answer"]> {
    const opened = this.#model();
    const bytes = await bytesOf(opened);
    const { outputs } = onnxGraph(bytes);
    if (!outputs.some((one) => one.name === name && one.floating))
      throw new ArgumentError(`the model has no output “${name}” of floating-point numbers`);
    this.#opened = { ...opened, output: name };
    return { head: headOf(bytes, name) };
  }

  /** @throws ArgumentError when there is no such parameter; what importOnnx throws */
  async histogram({ name }: Tasks["histogram"]["given"]): Promise<Histogram> {
    const { parameters } = importOnnx(await bytesOf(this.#model()));
    const data = Object.hasOwn(parameters, name) ? parameters[name].data : undefined;
    if (!(data instanceof Float32Array || data instanceof Float64Array))
      throw new ArgumentError(`the model has no parameter “${name}”`);
    return histogramOf(data);
  }

  /** @throws DataError, ArgumentError saying what does not fit; there are no rows then */
  async rows(given: Tasks["rows"]["given"]): Promise<RowsSummary> {
    const input = this.#input();
    const { features } = input;
    this.#table = undefined;
    this.#table = await tableOf(given, input, this.#decode);
    const { name, values, labels, classes } = this.#table;
    const archive = "archive" in this.#table ? this.#table.archive : undefined;
    return { name, rows: values.length / features, labeled: labels !== undefined, classes, archive };
  }

  /** @throws ArgumentError when there is no such row, or the numbers are not as many as a row has */
  async predict(given: Tasks["predict"]["given"]): Promise<Prediction> {
    const input = this.#input();
    const opened = this.#model();
    const { values, label } = "row" in given ? this.#row(given.row) : { values: given.values };
    if (values.length !== input.features)
      throw new ArgumentError(`a row must have ${input.features} numbers, got ${values.length}`);
    opened.runnable ??= bytesOf(opened).then((bytes) => loadOnnx(bytes));
    const output = await predict(await opened.runnable, input, values, opened.output);
    return { values, ...output, ...(label !== undefined && { label }) };
  }

  #labeled(examples: readonly Example[]): LabeledSource {
    return { table: this.#table, examples, input: this.#input() };
  }

  /** @throws what `labeledData` and `tune` throw; the model is then as it was */
  async tune(
    settings: TuneSettings,
    how: { readonly signal: AbortSignal; readonly report: (epoch: TuneEpoch) => void },
  ): Promise<TuneResult> {
    const data = labeledData(this.#labeled(settings.examples), settings.loss);
    const { name, file: before, input, output } = this.#model();
    const given = { data, output, ...arrangementOf(this.#input()) };
    // Tuning needs the memory of a session, and makes another of it.
    this.#replace(before);
    const { file, result } = await tune(await bytesOf({ name, file: before }), given, settings, how);
    this.#replace(new Blob([file]));
    // Nodes of low-rank changes are new, and the sizes of a new last layer.
    const branched = result.trained.some((one) => one.endsWith(".lora_A"));
    return settings.head === undefined && !branched
      ? result
      : { ...result, model: { ...described(name, file, onnxGraph(file), output), input } };
  }

  /** @throws what `labeledData` and `measureCurvature` throw */
  async spectrum(
    { loss, examples }: Tasks["spectrum"]["given"],
    how: Parameters<typeof measureCurvature>[3],
  ): Promise<SpectrumShown> {
    const data = labeledData(this.#labeled(examples), loss, CURVATURE_ROWS);
    const model = this.#model();
    const { output } = model;
    const given = { data, output, ...arrangementOf(this.#input()) };
    return measureCurvature(await bytesOf(model), given, loss, how);
  }

  /** @throws what `predict` and `explainRow` throw */
  async explain({ given, column }: Tasks["explain"]["given"], signal: AbortSignal): Promise<Explained> {
    const { values, scores, shape } = await this.predict(given);
    const model = this.#model();
    const { dtype, output } = model;
    return explainRow(await bytesOf(model), this.#input(), values, {
      column: column ?? scores.indexOf(Math.max(...scores)),
      shape,
      dtype,
      output,
      signal,
    });
  }

  file(): Blob {
    return this.#model().file;
  }

  reset(): undefined {
    this.#replace(this.#model().original);
  }

  /** Puts a file with other numbers in the model's place. */
  #replace(file: Blob): void {
    const { runnable, ...opened } = this.#model();
    disposeOf(runnable);
    this.#opened = { ...opened, file };
  }

  #row(row: number): { readonly values: readonly number[]; readonly label?: number } {
    const { values, labels, labelShape, features } = this.#table ?? {};
    if (!values || !features) throw new ArgumentError("no rows were read");
    const count = values.length / features;
    if (!Number.isInteger(row) || row < 0 || row >= count)
      throw new ArgumentError(`row must be an integer from 1 to ${count}, got ${row + 1}`);
    // Of several labels none is the row's class.
    const label = labelShape ? undefined : labels?.[row];
    return { values: [...values.subarray(row * features, (row + 1) * features)], label };
  }

  #close(): void {
    disposeOf(this.#opened?.runnable);
    this.#opened = undefined;
    this.#table = undefined;
  }
}

function disposeOf(runnable: Promise<OnnxModel> | undefined): void {
  void runnable?.then((model) => model.dispose()).catch(() => undefined);
}

/** Why a model without its weights cannot be used. */
const apart = (name: string, missing: readonly string[]) =>
  `its weights are in ${missing.join(", ")}: choose ${name} and ${missing.length === 1 ? "that file" : "those files"} together`;

/** What a model whose weights are elsewhere can do. */
const without = (refusal: string) => ({ refusal, input: { obstacle: refusal } });

/** What is known of a file. */
function described(name: string, bytes: Uint8Array, graph: OnnxGraph, output?: string): OpenedModel {
  const { inspection, refusal } = inspected(bytes);
  const input = rowInput(graph, (one) => typeOf(one, inspection));
  const quantized = inspection ? quantizedProducts(bytes) : 0;
  return {
    name,
    bytes: bytes.length,
    graph,
    inspection,
    refusal,
    quantized,
    input,
    head: headOf(bytes, output),
  };
}

/** How many products with weights stored as integers have no low-rank change yet. */
function quantizedProducts(bytes: Uint8Array): number {
  let count = 0;
  addLowRankBranches(bytes, () => {
    count += 1;
    return undefined;
  });
  return count;
}

function headOf(bytes: Uint8Array, output?: string): OpenedModel["head"] {
  try {
    return { outputs: linearHead(bytes, output).outputs };
  } catch (error) {
    return { obstacle: refusalOf(error).replace(/^linearHead: /, "") };
  }
}

async function tableOf(
  given: Tasks["rows"]["given"],
  input: RowInput,
  decode: DecodeImage,
): Promise<LabeledTable | ArchiveTable> {
  const { features } = input;
  if ("bundled" in given) return bundledTable(given.bundled, features);
  if ("images" in given) return tableFromImages(given, input, decode);
  const file = "archive" in given ? given.archive : given.file;
  const { name } = file;
  const columns = columnNames(input);
  if ("label" in given)
    return tableFromCsv(await textOfFile({ name, part: file }), {
      ...{ name, columns, label: given.label },
      format: given.format,
    });
  const named = columns.find((column) => column !== undefined);
  if (named !== undefined)
    throw new DataError(`${name}: arrays have no columns by name, and an input reads “${named}”`);
  if ("archive" in given) {
    const { rows, labels } = given;
    return tableFromArchive(await bytesOfFile({ name, part: file }), { name, rows, labels, features });
  }
  const arrayOf = async (one: File) =>
    parseNpy(await bytesOfFile({ name: one.name, part: one }), { name: one.name });
  const labels = given.labels && { name: given.labels.name, array: await arrayOf(given.labels) };
  return tableFromArrays({ name, array: await arrayOf(file) }, labels, features);
}

const hasConstants = (input: RowInput | InputObstacle) =>
  "parts" in input && input.parts.some(({ source }) => "constant" in source);

/** What was chosen of the inputs of a model. */
interface ChosenInputs {
  /** Sizes that the file leaves open, by name. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** The constants among them. */
  readonly input?: RowInput;
}

function inspected(
  bytes: Uint8Array,
  { sizes = {}, input }: ChosenInputs = {},
): Pick<OpenedModel, "inspection" | "refusal"> {
  const sized = (inputs: readonly NamedSpec[]) =>
    inputs.map(({ name, spec }) => ({
      name,
      spec: { ...spec, shape: spec.shape.map((d) => (typeof d === "string" ? (sizes[d] ?? d) : d)) },
    }));
  try {
    const model = importOnnx(bytes);
    const used = input && hasConstants(input) ? arrangeInputs(model, arrangementOf(input)) : model;
    const inspection = inspectModel({ ...used, inputs: sized(used.inputs) });
    const inputs = sized(model.inputs).map(({ name, spec }) => ({
      name,
      dtype: spec.dtype,
      shape: spec.shape,
    }));
    return { inspection: { ...inspection, inputs } };
  } catch (error) {
    return { refusal: refusalOf(error) };
  }
}

/** Of a model that was not imported nothing is known: then the run will say. */
function typeOf(name: string, inspection: ModelInspection | undefined): InputPart["dtype"] {
  return inspection?.inputs.find((input) => input.name === name)?.dtype ?? "f32";
}

async function bundledTable(name: string, features: number): Promise<LabeledTable> {
  const known = bundledRows.find((one) => one.name === name && one.features === features);
  if (!known) throw new ArgumentError(`no bundled data set “${name}” has ${features} features`);
  const { x, y } = await loadDataset(known.name);
  return { name, values: x.values, features, labels: Float64Array.from(y) };
}
