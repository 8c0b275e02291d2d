import { DataError } from "gradus/check";
import { bytesOfFile } from "./chosen-file.ts";
import { type PixelScale, scaled } from "./pixel-scales.ts";
import type { InputPart, RowInput } from "./protocol.ts";
import type { LabeledTable } from "./rows.ts";

/** An image with the name of its class. */
export interface ImageFile {
  readonly file: File;
  readonly class?: string;
}

/** Shares of red, green and blue in a gray level (ITU-R BT.601). */
const GRAY = [0.299, 0.587, 0.114];

/** How a row is an image. */
export interface ImageShape {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  /** Whether the channels come before the rows and columns of pixels. */
  readonly channelsFirst: boolean;
}

const isChannels = (size: number | undefined): size is 1 | 3 => size === 1 || size === 3;

/** A row [channels, height, width], [height, width, channels] or [height, width] as an image; undefined for others. */
export function imageShape({ parts }: RowInput): ImageShape | undefined {
  const read = parts.filter(({ source }) => "columns" in source);
  const [part] = read;
  if (read.length !== 1 || !isImage(part)) return undefined;
  const { shape } = part;
  if (shape.length === 2) return { channels: 1, height: shape[0], width: shape[1], channelsFirst: true };
  const [a, b, c] = shape;
  if (isChannels(a)) return { channels: a, height: b, width: c, channelsFirst: true };
  return isChannels(c) ? { channels: c, height: a, width: b, channelsFirst: false } : undefined;
}

/** Smaller sides are those of other things than images. */
const SMALLEST = 4;

function isImage({ shape, dtype }: InputPart): boolean {
  const sides = shape.length === 3 && isChannels(shape[0]) ? shape.slice(1) : shape.slice(0, 2);
  return (
    (dtype === "f32" || dtype === "f64") &&
    (shape.length === 2 || shape.length === 3) &&
    sides.every((side) => side >= SMALLEST)
  );
}

/** Red, green, blue and opacity of the pixels of an image, row by row, from 0 to 255. */
export type DecodeImage = (
  file: File,
  size: { readonly width: number; readonly height: number },
) => Promise<ArrayLike<number>>;

const IMAGE = /\.(png|jpe?g|webp|gif|bmp|avif)$/i;
export const isImageFile = ({ name, type }: Pick<File, "name" | "type">) =>
  type.startsWith("image/") || IMAGE.test(name);

/** The images among files of a folder; the name of the innermost folder is the class. */
export function imagesOf(files: readonly { readonly file: File; readonly path: string }[]): ImageFile[] {
  return files
    .filter(({ file }) => isImageFile(file))
    .map(({ file, path }) => ({ file, class: path.split("/").at(-2) }))
    .sort((a, b) => compare(a.class ?? "", b.class ?? "") || compare(a.file.name, b.file.name));
}

/** The first folder of the paths of images, which has those of the classes. */
export const folderOf = ([path = ""]: readonly string[]) =>
  path.includes("/") ? path.split("/")[0] : "images";

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Numbers of all images together; more do not fit a page's memory. */
const MOST_NUMBERS = 2 ** 26;

interface ImagesGiven {
  readonly images: readonly ImageFile[];
  readonly scale: PixelScale;
}

/**
 * Images as rows of a model, scaled to its size. Those of two folders or more have the folders as their classes.
 *
 * @throws DataError when the model takes no images, they are too many, or one cannot be decoded or can no longer be read
 */
export async function tableFromImages(
  { images, scale }: ImagesGiven,
  input: RowInput,
  decode: DecodeImage,
): Promise<LabeledTable> {
  const shape = imageShape(input);
  if (!shape)
    throw new DataError(
      "images need a model with an input [channels, height, width] or [height, width, channels]",
    );
  if (images.length === 0) throw new DataError("there are no images among these files");
  const { channels, height, width, channelsFirst } = shape;
  if (scale === "imagenet" && channels !== 3)
    throw new DataError("ImageNet’s mean and deviation are of three channels, and the model takes one");
  const { features } = input;
  const most = Math.floor(MOST_NUMBERS / features);
  if (images.length > most)
    throw new DataError(
      `${images.length.toLocaleString("en-US")} images of ${width} × ${height} are too many here: up to ${most.toLocaleString("en-US")} are read; “gradus model tune” takes more`,
    );
  const values = new Float32Array(images.length * features);
  const pixels = height * width;
  for (const [n, { file }] of images.entries()) {
    const rgba = await decode(file, { width, height }).catch(async (cause: unknown) => {
      // Decoders do not tell a damaged image from a file that has been removed.
      await bytesOfFile({ name: file.name, part: file.slice(0, 1) });
      throw new DataError(`${file.name} cannot be read as an image`, { cause });
    });
    const row = values.subarray(n * features, (n + 1) * features);
    for (let i = 0; i < pixels; i++)
      for (let c = 0; c < channels; c++) {
        const level =
          channels === 3 ? rgba[4 * i + c] : GRAY.reduce((sum, share, k) => sum + share * rgba[4 * i + k], 0);
        row[channelsFirst ? c * pixels + i : channels * i + c] = scaled[scale](level, c);
      }
  }
  const classes = [...new Set(images.flatMap((image) => image.class ?? []))].sort(compare);
  const labeled = classes.length > 1 && images.every((image) => image.class !== undefined);
  const name = images.length === 1 ? images[0].file.name : `${images.length.toLocaleString("en-US")} images`;
  return {
    ...{ name, values, features },
    labels: labeled ? Float64Array.from(images, (image) => classes.indexOf(image.class ?? "")) : undefined,
    ...(labeled && { classes }),
  };
}
