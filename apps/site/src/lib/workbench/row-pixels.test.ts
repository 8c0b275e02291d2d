import { expect, test } from "vitest";
import { type DecodeImage, type ImageShape, tableFromImages } from "./image-rows.ts";
import { type PixelScale, pixelScales } from "./pixel-scales.ts";
import { rowPixels } from "./row-pixels.ts";

/** Red, green and blue of the six pixels of a picture of 3 x 2. */
const colors = [
  [255, 0, 51],
  [10, 20, 30],
  [0, 0, 0],
  [255, 255, 255],
  [1, 2, 3],
  [99, 128, 200],
];
const rgba = colors.flatMap((color) => [...color, 255]);
/** Each pixel of a picture of 6 x 4 is one of these. */
const decode: DecodeImage = async () => Array.from({ length: 4 }, () => rgba).flat();

async function rowOf(sizes: readonly number[], scale: PixelScale) {
  const features = sizes.reduce((product, size) => product * size, 1);
  const part = { name: "x", dtype: "f32", shape: sizes, size: features, source: { columns: true } } as const;
  const images = [{ file: new File(["x"], "a.png") }];
  const { values } = await tableFromImages({ images, scale }, { parts: [part], features }, decode);
  return Array.from(values);
}

test("a row of an image is shown as the image, whatever the scale and the order of the channels", async () => {
  const wanted = Array.from({ length: 4 }, () => rgba).flat();
  for (const scale of Object.keys(pixelScales) as PixelScale[])
    for (const channelsFirst of [true, false]) {
      const shape: ImageShape = { channels: 3, height: 4, width: 6, channelsFirst };
      const row = await rowOf(channelsFirst ? [3, 4, 6] : [4, 6, 3], scale);
      expect([...rowPixels(row, shape, scale)], `${scale} ${channelsFirst}`).toEqual(wanted);
    }
});

test("one channel is gray", () => {
  const shape: ImageShape = { channels: 1, height: 1, width: 2, channelsFirst: true };
  expect([...rowPixels([0.2, 1], shape, "unit")]).toEqual([51, 51, 51, 255, 255, 255, 255, 255]);
});

test("numbers of an unknown scale are stretched from black to white", () => {
  const shape: ImageShape = { channels: 1, height: 1, width: 3, channelsFirst: true };
  const grays = (values: number[]) => [...rowPixels(values, shape, undefined)].filter((_, k) => k % 4 === 0);
  expect(grays([-2, 0, 3])).toEqual([0, 102, 255]);
  expect(grays([7, 7, 7])).toEqual([0, 0, 0]);
});
