import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { array, type NamedSpec } from "@gradus/graph";
import { SourceError } from "../data-files/source-error.ts";
import { UsageError } from "../errors.ts";
import { type DecodedImage, decodeImage, resizeImage } from "./decode-image.ts";
import type { Examples, ExamplesOptions } from "./examples.ts";

/** How a model takes an image. */
interface ImageInput {
  readonly name: string;
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  /** Whether the channels come before the rows and columns. */
  readonly channelsFirst: boolean;
  readonly dtype: "f32" | "f64";
}

const isChannels = (size: unknown): size is 1 | 3 => size === 1 || size === 3;

/** The one input of a model, as images [rows, channels, height, width] or [rows, height, width, channels]. */
function imageInput(inputs: readonly NamedSpec[]): ImageInput {
  const [{ name, spec }] = inputs;
  const [, a, b, c] = spec.shape;
  const channelsFirst = isChannels(a);
  const [channels, height, width] = channelsFirst ? [a, b, c] : [c, a, b];
  const { dtype } = spec;
  if (
    inputs.length > 1 ||
    spec.shape.length !== 4 ||
    !isChannels(channels) ||
    typeof height !== "number" ||
    typeof width !== "number" ||
    (dtype !== "f32" && dtype !== "f64")
  )
    throw new UsageError(
      `a folder of images needs a model with one float input [rows, channels, height, width] or [rows, height, width, channels] of known size; it has ${inputs.map((input) => `${input.name} ${input.spec.dtype}[${input.spec.shape.join(", ")}]`).join(", ")}`,
    );
  return { name, channels, height, width, channelsFirst, dtype };
}

/** Shares of red, green and blue in a gray level (ITU-R BT.601), as Pillow converts images. */
const GRAY = [0.299, 0.587, 0.114];

/** Writes an image in the model's order. */
function place(
  { values }: DecodedImage,
  { channels, height, width, channelsFirst }: ImageInput,
  out: Float32Array | Float64Array,
): void {
  const pixels = height * width;
  for (let i = 0; i < pixels; i++)
    for (let c = 0; c < channels; c++) {
      const value =
        channels === 3
          ? values[3 * i + c]
          : GRAY.reduce((sum, share, k) => sum + share * values[3 * i + k], 0);
      out[channelsFirst ? c * pixels + i : channels * i + c] = value;
    }
}

const IMAGE = /\.(png|jpe?g)$/i;

/** The images of a folder by class: the names of its folders, in order, are the classes. */
async function listImages(folder: string, known: readonly string[] | undefined) {
  const entries = await readdir(folder, { withFileTypes: true });
  const classes = known ?? entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  const files: { readonly path: string; readonly label: number }[] = [];
  for (const entry of entries.filter((one) => one.isDirectory())) {
    const label = classes.indexOf(entry.name);
    const names = await readdir(join(folder, entry.name));
    const images = names.filter((name) => IMAGE.test(name)).sort();
    if (images.length === 0 && names.length > 0)
      throw new SourceError(
        `${join(folder, entry.name)} has no .png or .jpg images, but others, such as ${names[0]}`,
      );
    if (label < 0 && images.length > 0)
      throw new SourceError(`${folder}: the class "${entry.name}" is not among ${classes.join(", ")}`);
    for (const name of images) files.push({ path: join(folder, entry.name, name), label });
  }
  if (files.length === 0)
    throw new SourceError(`${folder} must have a folder of .png or .jpg images for each class; it has none`);
  if (classes.length < 2)
    throw new SourceError(
      `${folder} must have folders of images for two classes or more; it has one, ${classes[0]}`,
    );
  return { classes, files: files.sort((a, b) => a.label - b.label || (a.path < b.path ? -1 : 1)) };
}

/**
 * The images of a folder that has a folder for each class, scaled to the model's size, from 0 to 1.
 *
 * @throws UsageError when the model takes no images, or for a loss without classes; SourceError naming a file that is
 *   no image
 */
export async function readImages(folder: string, options: ExamplesOptions): Promise<Examples> {
  if (options.loss !== "cross-entropy")
    throw new UsageError(`a folder of images has classes, for --loss cross-entropy, got ${options.loss}`);
  if (options.target !== undefined)
    throw new UsageError("--target: the folders of a folder of images are its classes; leave it out");
  const input = imageInput(options.inputs);
  const { channels, height, width, channelsFirst, dtype, name } = input;
  const { classes, files } = await listImages(folder, options.classes);
  const size = channels * height * width;
  const data =
    dtype === "f32" ? new Float32Array(files.length * size) : new Float64Array(files.length * size);
  for (const [i, { path }] of files.entries()) {
    const image = await decodeImage(new Uint8Array(await readFile(path)), path);
    const resized =
      image.width === width && image.height === height ? image : resizeImage(image, { width, height });
    place(resized, input, data.subarray(i * size, (i + 1) * size));
  }
  const shape = channelsFirst ? [channels, height, width] : [height, width, channels];
  const labels = array(BigInt64Array.from(files, ({ label }) => BigInt(label)));
  return { data: { inputs: { [name]: array(data, [files.length, ...shape]) }, labels }, classes };
}
