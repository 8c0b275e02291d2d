import { type Command, Option } from "commander";
import { RepeatableOption } from "../command-line/command.ts";
import { choiceOption, fraction, positiveNumber, wholeNumber } from "../command-line/values.ts";
import type { SpectrumOptions } from "../commands/spectrum.ts";
import { operators } from "../spectrum/operators.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import {
  batchAxisOption,
  constantOption,
  decimalOption,
  delimiterOption,
  freezeOption,
  headerOption,
  lossOption,
  meanOption,
  outputNameOption,
  stdOption,
  targetOption,
} from "./model-options.ts";
import { figuresOption, htmlOption, jsonOption, seedOption } from "./options.ts";

const MOST_STEPS = 10_000;

export function defineSpectrum(program: Command, { host, run }: ProgramContext): void {
  const count = (flags: string, description: string, least = 1) =>
    new Option(flags, description).argParser(wholeNumber(least, MOST_STEPS));
  const command = program
    .command("spectrum")
    .summary("measure eigenvalues, trace, density and stable learning rates of your own model")
    .description(
      `Measure the curvature of a model's loss: extreme eigenvalues, trace, spectral density, and the stable learning rates predicted by arXiv 2006.09092.

A module (.ts, .mts, .js, .mjs) exports, by name or as its default: loss(parameters, batch), a traced scalar of @gradus/graph, the mean over the batch's rows; parameters, arrays in plain objects; data, arrays with one row per example. parameters, data and the default export may be functions, async or not, that return them. For --operator gauss-newton, it also exports model(parameters, batch), which returns the outputs, and curvature, such as softmaxCurvature from gradus.

An ONNX model, such as one that PyTorch exported, needs examples and a loss: --loss, and --data and --target as "model tune" takes them. --freeze leaves parameters out.

An ONNX file written by exportCurvature from gradus has its loss in it; its data come from files. The columns of a single table are assigned to the inputs in order; NAME=FILE assigns a file to one input, and FILE.npz:ARRAY names one of the arrays in a file; the arrays of an .npz file that have the names of the inputs are assigned to them.`,
    )
    .argument("<source>", "module.ts, model.onnx or curvature.onnx; or the address of a model")
    .addOption(
      new RepeatableOption(
        "--data <[name=]file>",
        "data of an ONNX file: .csv, .tsv, .txt, .npy, .npz, .json, .libsvm, IDX, or a folder of images",
      ),
    )
    .addOption(lossOption())
    .addOption(targetOption())
    .addOption(headerOption())
    .addOption(delimiterOption())
    .addOption(decimalOption())
    .addOption(outputNameOption("output that has the loss (default: the first of floats)"))
    .addOption(constantOption())
    .addOption(batchAxisOption())
    .addOption(freezeOption())
    .addOption(meanOption())
    .addOption(stdOption())
    .addOption(
      choiceOption(
        "--operator <name>",
        "hessian (default), gauss-newton, or fisher (the empirical Fisher)",
        Object.keys(operators),
      ),
    )
    .addOption(count("--top <n>", "number of largest eigenvalues (default 10)"))
    .addOption(count("--bottom <n>", "number of smallest eigenvalues (default 3)", 0))
    .addOption(count("--steps <n>", "Lanczos steps per probe of the density (default 60)"))
    .addOption(count("--probes <n>", "random probes for density and trace (default 8)"))
    .addOption(new Option("--batch <1,2,...,full>", "batch sizes for which to predict stable learning rates"))
    .addOption(
      new Option("--momentum <b>", "also predict learning rates with heavy-ball momentum b").argParser(
        fraction,
      ),
    )
    .addOption(new Option("--groups", "also measure eigenvalues and trace of each layer or module"))
    .addOption(
      new Option("--memory <mb>", "memory limit in MB for intermediate results (default 512)").argParser(
        positiveNumber,
      ),
    )
    .addOption(seedOption("seed of all random numbers (default 1)"))
    .addOption(htmlOption("write the report as a single HTML file"))
    .addOption(figuresOption())
    .addOption(jsonOption("print the measurements"))
    .action((source: string, options: SpectrumOptions) =>
      run(async () => (await import("../commands/spectrum.ts")).spectrum(host, source, options)),
    );
  addExamples(command, host, [
    "spectrum model.ts",
    "spectrum model.ts --groups --batch 1,16,256,full --momentum 0.9",
    "spectrum model.onnx --data train.csv --target label --loss cross-entropy --groups",
    "spectrum digits.onnx --data x=images.npy --data y=labels.npy --html spectrum.html",
  ]);
}
