import { type Command, Option } from "commander";
import { RepeatableOption } from "../command-line/command.ts";
import { choiceOption, positiveNumber, wholeNumber } from "../command-line/values.ts";
import type { ExplainCommandOptions } from "../commands/explain.ts";
import { baselines } from "../explain/baselines.ts";
import type { ProgramContext } from "./context.ts";
import { addExamples } from "./help.ts";
import {
  batchAxisOption,
  constantOption,
  decimalOption,
  delimiterOption,
  headerOption,
} from "./model-options.ts";
import { jsonOption, seedOption } from "./options.ts";

const MOST_SAMPLES = 1_000_000;

export function defineExplain(program: Command, { host, run }: ProgramContext): void {
  const command = program
    .command("explain")
    .summary("explain rows of a file by the usual methods, side by side")
    .description(
      `Explain the scores that an ONNX model gives to rows of a file: the attribution of each feature by LIME, KernelSHAP, Occlusion, Integrated Gradients, Gradient x Input, Vanilla Gradients, SmoothGrad and C-LIME, and how far the methods agree (arXiv 2206.01254).

The model takes one float input, the rows, and has a float output, the scores; other inputs are given by --constant. Where the output has several columns, the one with the largest score is explained unless --column names another. Gradients are those of the model's own graph. A model with operators that have no derivative here is explained by its values alone, by four methods; with --differences, the gradients are central differences.`,
    )
    .argument("<model>", "ONNX file, or its address")
    .addOption(
      new Option(
        "--data <file>",
        "rows: .csv, .tsv, .txt, .npy, .npz (or FILE.npz:ARRAY), .json, .libsvm or IDX",
      ).makeOptionMandatory(),
    )
    .addOption(
      new Option("--target <name>", "column of a .csv file, or array of an .npz file, that is no input"),
    )
    .addOption(headerOption())
    .addOption(delimiterOption())
    .addOption(decimalOption())
    .addOption(new RepeatableOption("--row <n>", "row to explain, counted from 1 (default 1)"))
    .addOption(new Option("--output <name>", "output with the scores (default: the first float output)"))
    .addOption(constantOption())
    .addOption(batchAxisOption())
    .addOption(
      new Option("--column <n>", "column of the output to explain, counted from 0").argParser(wholeNumber(0)),
    )
    .addOption(
      new Option("--features <n>", "numbers in a row, where the model does not say").argParser(
        wholeNumber(1),
      ),
    )
    .addOption(
      choiceOption(
        "--baseline <name>",
        "value of a removed feature: zeros (default), or the mean of the rows",
        baselines,
      ),
    )
    .addOption(
      new Option("--samples <n>", "perturbations of a row (default 1000)").argParser(
        wholeNumber(1, MOST_SAMPLES),
      ),
    )
    .addOption(
      new Option(
        "--sigma <s>",
        "standard deviation of the noise of C-LIME and SmoothGrad, in the unit of every feature (default 0.1)",
      ).argParser(positiveNumber),
    )
    .addOption(
      new Option("--width <w>", "width of LIME's kernel, a distance of rows (default 1)").argParser(
        positiveNumber,
      ),
    )
    .addOption(
      new Option("--differences <h>", "gradients by central differences with step h").argParser(
        positiveNumber,
      ),
    )
    .addOption(seedOption("seed of all random numbers (default 1)"))
    .addOption(jsonOption("print the attributions"))
    .action((model: string, options: ExplainCommandOptions) =>
      run(async () => (await import("../commands/explain.ts")).explainRows(host, model, options)),
    );
  addExamples(command, host, [
    "explain model.onnx --data rows.csv --row 3",
    "explain tuned.onnx --data train.csv --target label --row 3",
    "explain model.onnx --data rows.csv --row 3 --baseline mean --differences 0.01",
    "explain model.onnx --data rows.npy --row 1 --row 2 --column 0 --json",
  ]);
}
