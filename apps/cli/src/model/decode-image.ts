import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { SourceError } from "../data-files/source-error.ts";
import { type ImageSize, imageSize, mediaType } from "./image-size.ts";

/** Red, green and blue of the pixels in rows, from 0 to 1. */
export interface DecodedImage extends ImageSize {
  readonly values: Float64Array;
}

/** Larger images are refused: their header may claim any size. */
const MOST_PIXELS = 50_000_000;

let ready: Promise<void> | undefined;

/** Loads the decoder once. */
function prepare(): Promise<void> {
  ready ??= readFile(createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm")).then((wasm) =>
    initWasm(wasm),
  );
  return ready;
}

/**
 * Decodes a PNG or JPEG file. Where it is transparent it is black.
 *
 * @throws SourceError for other files, damaged ones, and images of more than 50 million pixels
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<DecodedImage> {
  const size = imageSize(bytes);
  if (!size) throw new SourceError(`${name} is not a PNG or JPEG image`);
  const { width, height } = size;
  const pixels = width * height;
  if (pixels < 1 || pixels > MOST_PIXELS)
    throw new SourceError(`${name} has ${width} x ${height} pixels; from 1 to ${MOST_PIXELS} can be read`);
  await prepare();
  const data = `data:${mediaType(bytes)};base64,${Buffer.from(bytes).toString("base64")}`;
  const picture = new Resvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><image width="${width}" height="${height}" href="${data}"/></svg>`,
  );
  const rendered = picture.render();
  try {
    const rgba = rendered.pixels;
    // The decoder leaves out what it cannot decode.
    if (!rgba.some((value, i) => i % 4 === 3 && value > 0))
      throw new SourceError(`${name} cannot be decoded: it is damaged, or transparent throughout`);
    const values = new Float64Array(3 * pixels);
    for (let i = 0; i < pixels; i++) for (let c = 0; c < 3; c++) values[3 * i + c] = rgba[4 * i + c] / 255;
    return { width, height, values };
  } finally {
    rendered.free();
    picture.free();
  }
}

/** The weights with which pixels of one length make up `wanted` of another: areas when shrunk, else linear. */
function weightsOf(
  length: number,
  wanted: number,
): (readonly (readonly [index: number, weight: number])[])[] {
  const ratio = length / wanted;
  return Array.from({ length: wanted }, (_, k) => {
    if (ratio <= 1) {
      // Pixels have their values at their centers; outside, the nearest one counts.
      const at = Math.min(length - 1, Math.max(0, (k + 0.5) * ratio - 0.5));
      const low = Math.floor(at);
      const part = at - low;
      return part === 0
        ? [[low, 1]]
        : [
            [low, 1 - part],
            [low + 1, part],
          ];
    }
    const [from, to] = [k * ratio, (k + 1) * ratio];
    const list: [number, number][] = [];
    for (let i = Math.floor(from); i < Math.min(length, Math.ceil(to)); i++)
      list.push([i, (Math.min(i + 1, to) - Math.max(i, from)) / ratio]);
    return list;
  });
}

/** An image of another size: the mean over the area of each pixel when it shrinks, bilinear when it grows. */
export function resizeImage({ width, height, values }: DecodedImage, size: ImageSize): DecodedImage {
  const [columns, rows] = [weightsOf(width, size.width), weightsOf(height, size.height)];
  const result = new Float64Array(3 * size.width * size.height);
  const line = new Float64Array(3 * width);
  rows.forEach((ofRows, y) => {
    line.fill(0);
    for (const [row, weight] of ofRows)
      for (let i = 0; i < line.length; i++) line[i] += weight * values[3 * width * row + i];
    columns.forEach((ofColumns, x) => {
      for (const [column, weight] of ofColumns)
        for (let c = 0; c < 3; c++) result[3 * (y * size.width + x) + c] += weight * line[3 * column + c];
    });
  });
  return { ...size, values: result };
}
