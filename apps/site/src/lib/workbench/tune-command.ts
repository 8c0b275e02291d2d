import type { CsvFormat } from "gradus/data";
import type { PixelScale } from "./pixel-scales.ts";
import type { RowInput } from "./protocol.ts";
import { LOW_RANK, type TuneFields } from "./tune-form.ts";

/** A name as a shell reads it as one word. */
const quoted = (word: string) => (/^[\w.,:=\-/]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** How the command line makes the same numbers of images, which it reads from 0 to 1. */
const SCALES: Readonly<Record<PixelScale, string>> = {
  unit: "",
  signed: "--mean 0.5 --std 0.5",
  bytes: `--std ${1 / 255}`,
  imagenet: "--mean 0.485,0.456,0.406 --std 0.229,0.224,0.225",
};

/** What is tuned on the page. */
export interface TunedHere {
  readonly name: string;
  readonly out: string;
  readonly input: RowInput | undefined;
  /** The output that has the loss, unless it is the first of floating-point numbers. */
  readonly output: string | undefined;
  readonly fields: Pick<TuneFields, "loss" | "train">;
  /** A file with the name of its target, or a folder of images. */
  readonly rows:
    | {
        readonly data: string;
        readonly target: string;
        /** How a table is written, where the file leaves it open. */
        readonly format?: Partial<CsvFormat>;
      }
    | { readonly folder: string; readonly scale: PixelScale };
}

function formatWords({ header, decimal }: Partial<CsvFormat>): string[] {
  return [
    ...(header === undefined ? [] : [`--header ${header ? "yes" : "no"}`]),
    ...(decimal === undefined ? [] : [`--decimal ${decimal === "," ? "comma" : "point"}`]),
  ];
}

/** The command that tunes the model in the same way. */
export function tuneCommand({ name, out, input, output, fields: { loss, train }, rows }: TunedHere): string {
  const parts = input?.parts ?? [];
  return [
    `npx gradus model tune ${quoted(name)}`,
    ...("folder" in rows
      ? [`--data ${quoted(rows.folder)}`, SCALES[rows.scale]]
      : [`--data ${quoted(rows.data)} --target ${quoted(rows.target)}`, ...formatWords(rows.format ?? {})]),
    ...parts.flatMap(({ name: one, source }) =>
      "constant" in source ? [`--constant ${quoted(`${one}=${source.constant}`)}`] : [],
    ),
    // Of other inputs the file tells the axis with the rows.
    ...(input?.unsure ?? []).flatMap(({ name: one, axis }) =>
      parts.some((part) => part.name === one && "columns" in part.source)
        ? [`--batch-axis ${quoted(`${one}=${axis}`)}`]
        : [],
    ),
    ...(output === undefined ? [] : [`--output-name ${quoted(output)}`]),
    `--loss ${loss}`,
    ...(train === "low-rank" ? [`--lora ${LOW_RANK}`] : []),
    `--out ${quoted(out)}`,
  ]
    .filter((word) => word !== "")
    .join(" ");
}
