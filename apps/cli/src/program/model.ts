import { type Command, Option } from "commander";
import { RepeatableOption } from "../command-line/command.ts";
import { choiceOption, positiveNumber, wholeNumber } from "../command-line/values.ts";
import type { InspectOptions } from "../commands/model.ts";
import { optimizerNames } from "../model/choices.ts";
import type { TuneOptions } from "../model/tune-options.ts";
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
import { jsonOption, resumeOption, seedOption, threadsOption } from "./options.ts";

const MOST = 1_000_000;

const count = (flags: string, description: string) =>
  new Option(flags, description).argParser(wholeNumber(1, MOST));

function defineTune(model: Command, { host, run }: ProgramContext): void {
  const command = model
    .command("tune")
    .summary("train a model further on your own examples")
    .description(
      `Train an ONNX model further on labeled examples and write it to another file, with the names and the operator set of the original, which any ONNX runtime serves.

The examples are a CSV file with the target as one of its columns; an .npz file with the target as one of its arrays; files of the inputs (.csv, .tsv, .txt, .npy, .npz, .json or IDX; NAME=FILE assigns a file to one of several inputs, FILE.npz:ARRAY names one of the arrays in a file) and a file of the target; or a folder of PNG and JPEG images with one folder for each class, scaled to the model's size, from 0 to 1. For cross-entropy the target has classes: whole numbers from 0, or names, which are numbered in their order.

A fifth of the rows is held out, and the file has the parameters of the epoch with the smallest loss on them. Ctrl-C leaves a checkpoint beside the output and prints the command that resumes it; the result is the same, bit for bit.`,
    )
    .argument("[model]", "ONNX file, or its address")
    .addOption(new RepeatableOption("--data <[name=]file>", "examples: a file, or a folder of images"))
    .addOption(targetOption())
    .addOption(headerOption())
    .addOption(delimiterOption())
    .addOption(decimalOption())
    .addOption(lossOption())
    .addOption(new Option("--out <file>", "file that the tuned model is written to"))
    .addOption(freezeOption())
    .addOption(count("--lora <rank>", "train matrices by low-rank changes of this rank, and nothing else"))
    .addOption(count("--head <n>", "replace the last linear layer by a new one with n outputs"))
    .addOption(outputNameOption("output that is trained (default: the first of floats)"))
    .addOption(constantOption())
    .addOption(batchAxisOption())
    .addOption(choiceOption("--optimizer <name>", "optimizer (default adam)", optimizerNames))
    .addOption(
      new Option(
        "--learning-rate <rate>",
        "learning rate (default 0.001 for adam, adamw and rmsprop, 0.01 for the others)",
      ).argParser(positiveNumber),
    )
    .addOption(count("--epochs <n>", "passes over the rows (default 5)"))
    .addOption(count("--batch <n>", "rows of a batch (default 32, or all rows if there are fewer)"))
    .addOption(
      new Option("--validation <share|file>", "rows held out (default 0.2), or a file or folder of examples"),
    )
    .addOption(count("--patience <n>", "stop after n epochs without a smaller validation loss"))
    .addOption(meanOption())
    .addOption(stdOption())
    .addOption(seedOption("seed of the rows held out, the batches and new weights (default 1)"))
    .addOption(threadsOption())
    .addOption(jsonOption("print the epochs"))
    .addOption(resumeOption())
    .action((file: string | undefined, options: TuneOptions) =>
      run(async () => (await import("../commands/model-tune.ts")).tuneModel(host, file, options)),
    );
  addExamples(command, host, [
    "model tune m.onnx --data train.csv --target label --loss cross-entropy --out tuned.onnx",
    'model tune m.onnx --data photos --loss cross-entropy --head 10 --freeze "encoder.*" --out tuned.onnx',
    "model tune m.onnx --data x.npy --target y.npy --loss squared --lora 8 --epochs 20 --patience 3 --out tuned.onnx",
  ]);
}

export function defineModel(program: Command, context: ProgramContext): void {
  const { host, run } = context;
  const command = program
    .command("model")
    .enablePositionalOptions()
    .helpCommand(false)
    .summary("look into an ONNX model, or train it further")
    .description(
      "Read ONNX models, such as those that PyTorch exports. Tensors in other files are read from the model's own folder.",
    );
  addExamples(command, host, [
    "model inspect digits.onnx",
    "model tune digits.onnx --data train.csv --target label --loss cross-entropy --out tuned.onnx",
  ]);

  command
    .command("inspect")
    .description(
      "show inputs, outputs, parameters and operators, and whether the model can be differentiated and trained",
    )
    .argument("<model>", "ONNX file, or its address")
    .addOption(jsonOption("print what is shown"))
    .action((file: string, options: InspectOptions) =>
      run(async () => (await import("../commands/model.ts")).inspectModel(host, file, options)),
    );
  defineTune(command, context);
}
