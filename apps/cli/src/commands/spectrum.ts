import { stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { makeFolders } from "@gradus/database/make-folder";
import { GraphError } from "@gradus/graph";
import { measureSpectrum, type SpectrumReport } from "gradus/curvature";
import type { ModelLossName } from "gradus/models";
import { either } from "../command-line/suggest.ts";
import { SourceError } from "../data-files/source-error.ts";
import { type TableWords, tablesOf } from "../data-files/table.ts";
import { exitStatus, Interrupted, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { losses } from "../model/choices.ts";
import type { InputWords } from "../model/input-options.ts";
import type { Normalization } from "../model/normalize.ts";
import { type ExportTargets, prepareExports } from "../results/exports.ts";
import { json } from "../results/json.ts";
import { outputsBeside } from "../results/outputs-beside.ts";
import { writeAtomically } from "../results/report-files.ts";
import { importedSource } from "../spectrum/imported-source.ts";
import { moduleSource } from "../spectrum/module-source.ts";
import { onnxSource } from "../spectrum/onnx-source.ts";
import { operators } from "../spectrum/operators.ts";
import type { SpectrumSource, SpectrumSummary } from "../spectrum/source.ts";
import { type SpectrumView, spectrumView } from "../spectrum/view.ts";
import { writeLines } from "../terminal/output.ts";
import { renderPlot } from "../terminal/plot.ts";
import { ProgressBar } from "../terminal/progress-bar.ts";
import { tableLines } from "../terminal/report.ts";
import { stack, wrap } from "../terminal/text.ts";

export interface SpectrumOptions extends ExportTargets, Normalization, InputWords, TableWords {
  /** Such as `x=images.npy`. */
  readonly data?: readonly string[];
  readonly loss?: ModelLossName;
  readonly target?: string;
  readonly outputName?: string;
  readonly freeze?: readonly string[];
  readonly operator?: string;
  readonly top?: number;
  readonly bottom?: number;
  readonly steps?: number;
  readonly probes?: number;
  /** Such as `1,16,full`. */
  readonly batch?: string;
  readonly momentum?: number;
  readonly groups?: boolean;
  /** Megabytes. */
  readonly memory?: number;
  readonly seed?: number;
  readonly json?: boolean;
}

const MODULES = [".ts", ".mts", ".js", ".mjs"];
function batchSizes(text: string | undefined, rows: number): number[] {
  // Powers of two up to the data, then all of them.
  if (text === undefined)
    return [...Array.from({ length: Math.ceil(Math.log2(rows)) }, (_, k) => 2 ** k), rows];
  return text.split(",").map((word) => {
    if (word.trim() === "full") return rows;
    const size = /^\d+$/.test(word.trim()) ? Number(word) : Number.NaN;
    if (size >= 1 && size <= rows) return size;
    throw new UsageError(
      `--batch needs sizes from 1 to the ${rows} rows of the data, or full, got "${word}"`,
    );
  });
}

async function open(host: Host, file: string, options: SpectrumOptions): Promise<SpectrumSource> {
  const { operator, memory, data = [], loss, target, outputName: output, freeze, mean, std } = options;
  const { constant, batchAxis, header, delimiter, decimal } = options;
  const tables = tablesOf(host, options, data);
  const matrix = operator === undefined ? undefined : operators[operator];
  const memoryLimit = memory === undefined ? undefined : memory * 2 ** 20;
  const ofModels = Object.entries({
    ...{ target, "output-name": output, freeze, mean, std },
    ...{ constant, "batch-axis": batchAxis },
  });
  const first = ofModels.find(([, value]) => value !== undefined);
  if (extname(file) === ".onnx" && loss !== undefined)
    return importedSource(file, {
      ...{ data, tables, target, loss, output, freeze, mean, std, memoryLimit },
      ...{ constant, batchAxis },
      matrix: matrix ?? "hessian",
    });
  if ((await stat(file).catch(() => undefined))?.isDirectory())
    throw new UsageError(`spectrum reads ${either([...MODULES, ".onnx"])}, ${file} is a folder`);
  if (extname(file) === ".onnx" && first)
    throw new UsageError(
      `--loss is missing: --${first[0]} is for a model without a loss of its own; give ${either(losses)}`,
    );
  if (loss !== undefined)
    throw new UsageError("--loss applies to ONNX models only; a module exports its own");
  if (first) throw new UsageError(`--${first[0]} applies to ONNX models, with --loss`);
  if (extname(file) === ".onnx") return onnxSource(file, { data, tables, matrix, memoryLimit });
  if (!MODULES.includes(extname(file)))
    throw new UsageError(`spectrum reads ${either([...MODULES, ".onnx"])}, got ${file}`);
  if (data.length > 0)
    throw new UsageError("--data applies to ONNX files only; a module exports its own data");
  const ofTables = Object.entries({ header, delimiter, decimal }).find(([, value]) => value !== undefined);
  if (ofTables)
    throw new UsageError(`--${ofTables[0]} applies to tables in --data; a module exports its own data`);
  return moduleSource(file, { matrix: matrix ?? "hessian", memoryLimit });
}

/** The view as lines of a terminal. */
function lines(view: SpectrumView, { columns: width, palette }: Host["out"]): string[] {
  return stack([
    [...wrap(view.title, width).map(palette.strong), ...wrap(view.facts, width).map(palette.muted)],
    view.sentences.flatMap((text) => wrap(text, width)),
    ...view.plots.map(({ plot, data, caption }) => [
      ...renderPlot(plot, data, { width, palette }),
      ...wrap(caption, width),
    ]),
    ...view.tables.map((table) => tableLines(table, width, palette)),
  ]);
}

async function writeFigures(folder: string, view: SpectrumView): Promise<string> {
  const { figureFile } = await import("@gradus/figures/svg-text");
  makeFolders(folder);
  let count = 0;
  for (const { plot, data } of view.plots) {
    const figure = figureFile(plot, data);
    if (figure === undefined) continue;
    await writeAtomically(join(folder, `spectrum-${plot.id}.svg`), figure);
    count += 1;
  }
  return `Figures: ${count} in ${folder}`;
}

/** `gradus spectrum`: the curvature of a user's own model. Returns the exit status. */
export async function spectrum(given: Host, file: string, options: SpectrumOptions): Promise<number> {
  const { html, svg, json: asJson = false, momentum } = options;
  const host = outputsBeside(given, { "--html": html }, asJson);
  const settings = {
    top: options.top ?? 10,
    bottom: options.bottom ?? 3,
    steps: options.steps ?? 60,
    probes: options.probes ?? 8,
    seed: options.seed ?? 1,
    momentum,
    groups: options.groups ?? false,
    signal: host.signal,
  };
  await prepareExports({ html, svg });
  const { name: source, model } = await open(host, file, options);
  using _ = model;
  const batches = batchSizes(options.batch, model.rows);
  const bar = new ProgressBar(host.err, `spectrum ${source}`);
  const begun = performance.now();
  let measured: SpectrumReport | undefined;
  try {
    for await (const { fraction, stage, report } of measureSpectrum(model, { ...settings, batches })) {
      bar.tell(fraction, stage);
      measured = report;
    }
  } catch (error) {
    bar.stop();
    if (error instanceof Interrupted) writeLines(host.err, ["Interrupted; nothing was written."]);
    if (error instanceof GraphError) throw new SourceError(`${source}: ${error.message}`, { cause: error });
    throw error;
  }
  bar.stop();
  if (!measured) throw new Error("the measurement ended without a report");
  const seconds = (performance.now() - begun) / 1000;
  const summary: SpectrumSummary = { format: 2, source, ...measured, seconds };
  const view = spectrumView(summary, momentum);
  const written: string[] = [];
  if (html !== undefined) {
    const { spectrumPage } = await import("../spectrum/html-page.ts");
    await writeAtomically(html, spectrumPage(view));
    written.push(`Report: ${html}`);
  }
  if (svg !== undefined) written.push(await writeFigures(svg, view));
  if (asJson) host.out.write(json(summary));
  else writeLines(host.out, lines(view, host.out));
  if (written.length > 0) writeLines(asJson ? host.err : host.out, ["", ...written]);
  return exitStatus.success;
}
