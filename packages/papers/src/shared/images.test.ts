import { floatData } from "@gradus/graph";
import { loadDataset } from "gradus/data";
import { expect, test } from "vitest";
import { imageBatch, scaledImages } from "./images.ts";

test("the digits' gray levels 0 to 16 are pixels from 0 to 1", async () => {
  const { x, y } = await loadDataset("digits");
  const { rows, columns, pixels, labels } = await scaledImages("digits", "f64");
  expect([rows, columns]).toStrictEqual([1797, 64]);
  expect(Math.max(...pixels)).toBe(1);
  expect(pixels.every((pixel, i) => 16 * pixel === x.values[i])).toBe(true);
  expect(Array.from(labels)).toStrictEqual(Array.from(y));
});

test("a batch has the chosen images in their order and shape", async () => {
  const images = await scaledImages("digits", "f32", { most: 5 });
  expect(images.rows).toBe(5);
  const { x, y } = imageBatch(images, { chosen: Int32Array.of(3, 0), shape: [1, 8, 8] });
  expect(x.shape).toStrictEqual([2, 1, 8, 8]);
  expect(Array.from(floatData(x))).toStrictEqual([
    ...images.pixels.subarray(3 * 64, 4 * 64),
    ...images.pixels.subarray(0, 64),
  ]);
  expect(Array.from(y.data, Number)).toStrictEqual([images.labels[3], images.labels[0]]);
  expect(imageBatch(images).x.shape).toStrictEqual([5, 64]);
});

test("images of files that are not there are an error that names them", async () => {
  const before = process.env.GRADUS_DATA_DIR;
  process.env.GRADUS_DATA_DIR = "/nowhere";
  try {
    await expect(scaledImages("mnist", "f32")).rejects.toThrow("mnist-train-images-idx3-ubyte.gz");
  } finally {
    if (before === undefined) delete process.env.GRADUS_DATA_DIR;
    else process.env.GRADUS_DATA_DIR = before;
  }
});
