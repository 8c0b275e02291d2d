import type { ImageFile } from "./image-rows.ts";
import type { PixelScale } from "./pixel-scales.ts";
import type { Tasks } from "./protocol.ts";

/**
 * A bundled data set, a CSV file with its columns, .npy files of rows and of their labels, an .npz file with the arrays that
 * were chosen (null for no labels), or images.
 */
export type RowSource =
  | { readonly bundled: string }
  | { readonly file: File; readonly columns: readonly string[]; readonly label: string | undefined }
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
  if ("columns" in source) return { file: source.file, label: source.label };
  return "images" in source ? { images: source.images, scale: source.scale } : source;
}
