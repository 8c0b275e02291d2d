import {
  GraphError,
  importOnnx,
  inspectModel,
  loadOnnx,
  type ModelInspection,
  type OnnxModel,
  onnxGraph,
} from "@gradus/graph";
import { ArgumentError } from "gradus/check";
import { loadDataset } from "gradus/data";
import { type Histogram, histogramOf } from "../histogram.ts";
import type { OpenedModel, Prediction, RowInput, RowsSummary, Tasks } from "../protocol.ts";
import { type LabeledTable, tableFromCsv } from "../rows.ts";
import { bundledRows } from "./bundled-rows.ts";
import { predict } from "./predict.ts";
import { rowInput } from "./row-input.ts";

/** A model as it was opened, and as it is now. */
interface Opened {
  readonly input: RowInput | { readonly obstacle: string };
  readonly file: Uint8Array<ArrayBuffer>;
  /** Made at the first run. */
  runnable?: Promise<OnnxModel>;
}

/** The message of an error of the graph, without the function's name; what is no such error is thrown on. */
function refusalOf(error: unknown): string {
  if (error instanceof GraphError) return error.message.replace(/^importOnnx: /, "");
  throw error;
}

/** What the worker of the workbench knows: one model and rows for it. */
export class ModelSession {
  #opened: Opened | undefined;
  #table: LabeledTable | undefined;

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
   * Reads a model's file. One with operators that cannot be imported is opened all the same, with the reason.
   *
   * @throws UnsupportedError when the file is not an ONNX model
   */
  async open({ file }: Tasks["open"]["given"], report: (stage: string) => void): Promise<OpenedModel> {
    report("reading the file");
    const bytes = new Uint8Array(await file.arrayBuffer());
    report("reading the graph");
    const graph = onnxGraph(bytes);
    const { inspection, refusal } = inspected(bytes);
    const input = rowInput(graph, (name) => isFloat(name, inspection));
    this.#close();
    this.#opened = { file: bytes, input };
    return { name: file.name, bytes: bytes.length, graph, inspection, refusal, input };
  }

  /** @throws what importOnnx throws */
  histograms(): Record<string, Histogram> {
    const { parameters } = importOnnx(this.#model().file);
    const found: Record<string, Histogram> = {};
    for (const [name, { data }] of Object.entries(parameters))
      if (data instanceof Float32Array || data instanceof Float64Array) found[name] = histogramOf(data);
    return found;
  }

  /** @throws DataError, ArgumentError saying what does not fit; there are no rows then */
  async rows(given: Tasks["rows"]["given"]): Promise<RowsSummary> {
    const { features } = this.#input();
    this.#table = undefined;
    this.#table =
      "file" in given
        ? tableFromCsv(await given.file.text(), { name: given.file.name, features, label: given.label })
        : await bundledTable(given.bundled, features);
    const { name, values, labels, classes } = this.#table;
    return { name, rows: values.length / features, labeled: labels !== undefined, classes };
  }

  /** @throws ArgumentError when there is no such row, or the numbers are not as many as a row has */
  async predict(given: Tasks["predict"]["given"]): Promise<Prediction> {
    const input = this.#input();
    const opened = this.#model();
    const { values, label } = "row" in given ? this.#row(given.row) : { values: given.values };
    if (values.length !== input.features)
      throw new ArgumentError(`a row must have ${input.features} numbers, got ${values.length}`);
    opened.runnable ??= loadOnnx(opened.file);
    const scores = await predict(await opened.runnable, input, values);
    return { values, scores, ...(label !== undefined && { label }) };
  }

  #row(row: number): { readonly values: readonly number[]; readonly label?: number } {
    const { values, labels, features } = this.#table ?? {};
    if (!values || !features) throw new ArgumentError("no rows were read");
    const count = values.length / features;
    if (!Number.isInteger(row) || row < 0 || row >= count)
      throw new ArgumentError(`row must be an integer from 1 to ${count}, got ${row + 1}`);
    return { values: [...values.subarray(row * features, (row + 1) * features)], label: labels?.[row] };
  }

  #close(): void {
    void this.#opened?.runnable?.then((model) => model.dispose()).catch(() => undefined);
    this.#opened = undefined;
    this.#table = undefined;
  }
}

function inspected(bytes: Uint8Array): Pick<OpenedModel, "inspection" | "refusal"> {
  try {
    return { inspection: inspectModel(importOnnx(bytes)) };
  } catch (error) {
    return { refusal: refusalOf(error) };
  }
}

/** Of a model that was not imported nothing is known: then the run will say. */
function isFloat(name: string, inspection: ModelInspection | undefined): boolean {
  const dtype = inspection?.inputs.find((input) => input.name === name)?.dtype;
  return dtype === undefined || dtype === "f32" || dtype === "f64";
}

async function bundledTable(name: string, features: number): Promise<LabeledTable> {
  const known = bundledRows.find((one) => one.name === name && one.features === features);
  if (!known) throw new ArgumentError(`no bundled data set “${name}” has ${features} features`);
  const { x, y } = await loadDataset(known.name);
  return { name, values: x.values, features, labels: Float64Array.from(y) };
}
