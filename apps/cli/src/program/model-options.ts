import { Option } from "commander";
import { RepeatableOption } from "../command-line/command.ts";
import { choiceOption } from "../command-line/values.ts";
import { decimalNames, delimiterNames, headers } from "../data-files/table-words.ts";
import { losses } from "../model/choices.ts";

export const lossOption = () =>
  choiceOption("--loss <name>", "cross-entropy, binary-cross-entropy or squared", losses);

export const targetOption = () =>
  new Option("--target <name>", "column, array or file with what the model is to predict");

export const outputNameOption = (description: string) => new Option("--output-name <name>", description);

export const freezeOption = () =>
  new RepeatableOption("--freeze <pattern>", "parameters to leave alone: encoder.* is all of an encoder");

export const constantOption = () =>
  new RepeatableOption(
    "--constant <input=number>",
    "input that is the same for all rows: sr=16000, or sizes=1,3,32,32",
  );

export const batchAxisOption = () =>
  new RepeatableOption("--batch-axis <input=axis>", "axis with the rows, where the model does not say: x=1");

export const meanOption = () =>
  new Option("--mean <a,b,...>", "subtracted from inputs: one number, or one a channel");

export const stdOption = () =>
  new Option("--std <a,b,...>", "inputs are then divided by this; 255 for bytes");

export const headerOption = () =>
  choiceOption(
    "--header <yes|no>",
    "whether the first line of tables names their columns (default: detected)",
    headers,
  );

export const delimiterOption = () =>
  choiceOption(
    "--delimiter <name>",
    "what separates cells of tables: comma, semicolon, tab, bar (|) or space (default: detected)",
    delimiterNames,
  );

export const decimalOption = () =>
  choiceOption(
    "--decimal <name>",
    "decimal sign of tables: point or comma (default: detected)",
    decimalNames,
  );
