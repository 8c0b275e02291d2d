import type { ImageShape } from "./image-rows.ts";
import { levels, type PixelScale } from "./pixel-scales.ts";

/**
 * A row as the pixels of a picture: red, green, blue and opacity, row by row, from 0 to 255.
 *
 * @param scale of the numbers; where it is not known, the smallest one is black and the largest one white
 */
export function rowPixels(
  values: readonly number[],
  { channels, height, width, channelsFirst }: ImageShape,
  scale: PixelScale | undefined,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = height * width;
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const range = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) - least;
  const stretched = (value: number) => (range > 0 ? (255 * (value - least)) / range : 0);
  const levelOf = scale === undefined ? stretched : levels[scale];
  const rgba = new Uint8ClampedArray(4 * pixels);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) {
      const channel = Math.min(c, channels - 1);
      const at = channelsFirst ? channel * pixels + i : channels * i + channel;
      rgba[4 * i + c] = levelOf(values[at], channel);
    }
    rgba[4 * i + 3] = 255;
  }
  return rgba;
}
