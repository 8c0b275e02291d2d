import type { CsvFormat, DetectedCsv } from "gradus/data";
import type { ImageFile } from "./image-rows.ts";
import type { PixelScale } from "./pixel-scales.ts";
import type { Tasks } from "./protocol.ts";

/** A CSV file with its columns. */
export interface TableSource {
  readonly file: File;
  readonly columns: readonly string[];
  readonly label: string | undefined;
  /** How it is read. */
  readonly format: CsvFormat;
  /** What was said of that. */
  readonly said: Partial<CsvFormat>;
  /** What the file leaves open. */
  readonly uncertain: DetectedCsv["uncertain"];
}

/** What a file leaves open, as it is read. */
export function settled({ uncertain, format: { header, decimal } }: TableSource): Partial<CsvFormat> {
  return {
    ...(uncertain.includes("header") && { header }),
    ...(uncertain.includes("decimal") && { decimal }),
  };
}

const DELIMITERS: Readonly<Record<CsvFormat["delimiter"], string>> = {
  ",": "",
  ";": "semicolons between cells",
  "\t": "tabs between cells",
  "|": "vertical bars between cells",
  " ": "spaces between cells",
};

/** How a file is written that is no usual CSV file; empty where it is one. */
export function formatWords({ format: { delimiter, decimal } }: TableSource): string {
  return [DELIMITERS[delimiter], decimal === "," ? "decimal commas" : ""]
    .filter((word) => word !== "")
    .join(", ");
}

/**
 * A bundled data set, a CSV file with its columns, .npy files of rows and of their labels, an .npz file with the arrays that
 * were chosen (null for no labels), or images.
 */
export type RowSource =
  | { readonly bundled: string }
  | TableSource
  | { readonly file: File; readonly labels: File | undefined }
  | { readonly archive: File; readonly rows?: string; readonly labels?: string | null }
  | {
      readonly images: readonly ImageFile[];
      /** The name of the folder that has those of the classes. */
      readonly folder: string;
      readonly scale: PixelScale;
    };

/** What the worker reads of a source. */
export function givenOf(source: RowSource): Tasks["rows"]["given"] {
  if ("columns" in source) return { file: source.file, label: source.label, format: source.said };
  return "images" in source ? { images: source.images, scale: source.scale } : source;
}
