import { writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { CurvatureMatrix } from "gradus/curvature";
import { either } from "../command-line/suggest.ts";
import { type OptionSpecifications, type ParsedOptions, parseSeed } from "../command-line/values.ts";
import { exitStatus, Interrupted, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { exportOptions, prepareExports, readExports } from "../results/exports.ts";
import { json, makeFolder, writeAtomically } from "../results/report-files.ts";
import { measureSpectrum } from "../spectrum/measure.ts";
import { moduleSource } from "../spectrum/module-source.ts";
import { onnxSource } from "../spectrum/onnx-source.ts";
import type { SpectrumSource } from "../spectrum/source.ts";
import { type SpectrumView, spectrumView } from "../spectrum/view.ts";
import { writeLines } from "../terminal/output.ts";
import { renderPlot } from "../terminal/plot.ts";
import { ProgressBar } from "../terminal/progress-bar.ts";
import { stack, tableLines } from "../terminal/report.ts";
import { wrap } from "../terminal/text.ts";

export const spectrumOptions: OptionSpecifications = {
  data: {
    value: "[NAME=]FILE",
    repeated: true,
    help: "data of an ONNX file: .csv, .npy, .json, .libsvm or IDX",
  },
  operator: {
    value: "hessian|gauss-newton|fisher",
    help: "which matrix (default hessian; fisher: the empirical one)",
  },
  top: { value: "N", help: "largest eigenvalues to find (default 10)" },
  bottom: { value: "N", help: "smallest eigenvalues to find (default 3)" },
  steps: { value: "N", help: "Lanczos steps of a probe of the density (default 60)" },
  probes: { value: "N", help: "random probes of density and trace (default 8)" },
  batch: { value: "1,2,..,full", help: "batch sizes whose stable learning rates to predict" },
  momentum: { value: "B", help: "also those of a heavy ball that keeps this share of its velocity" },
  groups: { help: "also eigenvalues and trace of each layer or module" },
  memory: { value: "MB", help: "bound on the intermediate results of a call (default 512)" },
  seed: { value: "N", help: "seed of all randomness (default 1)" },
  html: { ...exportOptions.html, help: "write what is shown in one HTML file" },
  svg: exportOptions.svg,
  json: { help: "print what was measured as JSON, and nothing else, on standard output" },
  help: { short: "h", help: "show this help" },
};

/** What `--operator` may be. */
export const matrices: Readonly<Record<string, CurvatureMatrix>> = {
  hessian: "hessian",
  "gauss-newton": "gauss-newton",
  fisher: "empirical-fisher",
};
const MODULES = [".ts", ".mts", ".js", ".mjs"];
const MOST_STEPS = 10_000;

function whole({ values }: ParsedOptions, name: string, initial: number, least = 1): number {
  const text = values.get(name)?.[0];
  if (text === undefined) return initial;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= MOST_STEPS) return number;
  throw new UsageError(`--${name} wants a whole number from ${least} to ${MOST_STEPS}, got "${text}"`);
}

function fraction({ values }: ParsedOptions, name: string): number | undefined {
  const text = values.get(name)?.[0];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (number >= 0 && number < 1) return number;
  throw new UsageError(`--${name} wants a number in [0, 1), got "${text}"`);
}

function megabytes({ values }: ParsedOptions): number | undefined {
  const text = values.get("memory")?.[0];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number * 2 ** 20;
  throw new UsageError(`--memory wants a number of megabytes > 0, got "${text}"`);
}

function batchSizes({ values }: ParsedOptions, rows: number): (number | "full")[] {
  const text = values.get("batch")?.[0];
  // Powers of two up to the data, then all of them.
  if (text === undefined)
    return [...Array.from({ length: Math.ceil(Math.log2(rows)) }, (_, k) => 2 ** k), "full"];
  return text.split(",").map((word) => {
    if (word.trim() === "full") return "full";
    const size = /^\d+$/.test(word.trim()) ? Number(word) : Number.NaN;
    if (size >= 1 && size <= rows) return size;
    throw new UsageError(
      `--batch wants sizes from 1 to the ${rows} rows of the data, or full, got "${word}"`,
    );
  });
}

function open(options: ParsedOptions, invocation: string): Promise<SpectrumSource> {
  const [file, ...more] = options.positionals;
  if (file === undefined || more.length > 0)
    throw new UsageError(
      `spectrum wants one source: a module that exports loss, parameters and data, or an ONNX file of exportCurvature; got ${file === undefined ? "none" : options.positionals.join(" ")}. "${invocation} spectrum --help" tells more.`,
    );
  const asked = options.values.get("operator")?.[0];
  if (asked !== undefined && !Object.hasOwn(matrices, asked))
    throw new UsageError(`--operator is ${either(Object.keys(matrices))}, got "${asked}"`);
  const matrix = asked === undefined ? undefined : matrices[asked];
  const memoryLimit = megabytes(options);
  const data = options.values.get("data") ?? [];
  if (extname(file) === ".onnx") return onnxSource(file, { data, matrix, memoryLimit });
  if (!MODULES.includes(extname(file)))
    throw new UsageError(`spectrum reads ${either([...MODULES, ".onnx"])}, got ${file}`);
  if (data.length > 0) throw new UsageError("--data is for ONNX files; a module exports its data");
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
  await makeFolder(folder);
  let count = 0;
  for (const { plot, data } of view.plots) {
    const figure = figureFile(plot, data);
    if (figure === undefined) continue;
    await writeFile(join(folder, `spectrum-${plot.id}.svg`), figure);
    count += 1;
  }
  return `Figures: ${count} in ${folder}`;
}

/** `gradus spectrum`: the curvature of a user's own model. Returns the exit status. */
export async function spectrum(host: Host, options: ParsedOptions): Promise<number> {
  const exports = readExports(options);
  const momentum = fraction(options, "momentum");
  const settings = {
    top: whole(options, "top", 10),
    bottom: whole(options, "bottom", 3, 0),
    steps: whole(options, "steps", 60),
    probes: whole(options, "probes", 8),
    seed: parseSeed(options.values.get("seed")?.[0] ?? "1"),
    momentum,
    groups: options.flags.has("groups"),
    signal: host.signal,
  };
  await prepareExports(exports);
  using source = await open(options, host.invocation);
  const batches = batchSizes(options, source.rows);
  const bar = new ProgressBar(host.err, `spectrum ${source.name}`);
  let summary: Awaited<ReturnType<typeof measureSpectrum>>;
  try {
    summary = await measureSpectrum(source, {
      ...settings,
      batches,
      onProgress: (share, message) => bar.tell(share, message),
    });
  } catch (error) {
    bar.stop();
    if (error instanceof Interrupted) writeLines(host.err, ["Interrupted; nothing was written."]);
    throw error;
  }
  bar.stop();
  const view = spectrumView(summary, momentum);
  const written: string[] = [];
  if (exports.html !== undefined) {
    const { spectrumPage } = await import("../spectrum/html-page.ts");
    await writeAtomically(exports.html, spectrumPage(view));
    written.push(`Report: ${exports.html}`);
  }
  if (exports.svg !== undefined) written.push(await writeFigures(exports.svg, view));
  if (options.flags.has("json")) host.out.write(json(summary));
  else writeLines(host.out, lines(view, host.out));
  if (written.length > 0) writeLines(options.flags.has("json") ? host.err : host.out, ["", ...written]);
  return exitStatus.fine;
}
