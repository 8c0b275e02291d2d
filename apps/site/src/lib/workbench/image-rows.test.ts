import { DataError } from "gradus/check";
import { expect, test } from "vitest";
import { type DecodeImage, folderOf, imageShape, imagesOf, tableFromImages } from "./image-rows.ts";
import type { RowInput } from "./protocol.ts";

/** A model of one input with rows of a shape. */
function inputOf(...shape: number[]): RowInput {
  const size = shape.reduce((product, one) => product * one, 1);
  return { parts: [{ name: "x", dtype: "f32", shape, size, source: { columns: true } }], features: size };
}

/** Pixels with red, green and blue from the name of the file, such as "10,20,30.png"; the first pixel is black. */
const byName: DecodeImage = async (file, { width, height }) => {
  const [r, g, b] = file.name.replace(".png", "").split(",").map(Number);
  return Array.from({ length: 4 * width * height }, (_, k) => (k < 4 ? 0 : [r, g, b, 255][k % 4]));
};

const image = (name: string, of?: string) => ({ file: new File(["x"], name), class: of });

test("rows are images of one or three channels, which come first or last", () => {
  expect(imageShape(inputOf(3, 8, 6))).toEqual({ channels: 3, height: 8, width: 6, channelsFirst: true });
  expect(imageShape(inputOf(8, 6, 3))).toEqual({ channels: 3, height: 8, width: 6, channelsFirst: false });
  expect(imageShape(inputOf(1, 8, 8))).toMatchObject({ channels: 1, channelsFirst: true });
  expect(imageShape(inputOf(8, 8))).toMatchObject({ channels: 1, height: 8, width: 8 });
  for (const shape of [[64], [5, 8, 8], [3, 8], [3, 8, 3, 8], [3, 2, 2]])
    expect(imageShape(inputOf(...shape)), shape.join(" x ")).toBeUndefined();
});

test("the innermost folders are the classes", () => {
  const at = (path: string) => ({ path, file: new File(["x"], path.split("/").at(-1) ?? "") });
  const found = imagesOf([at("pets/dog/b.jpg"), at("pets/cat/a.PNG"), at("pets/dog/notes.txt"), at("c.png")]);
  expect(found.map(({ file, class: of }) => [file.name, of])).toEqual([
    ["c.png", undefined],
    ["a.PNG", "cat"],
    ["b.jpg", "dog"],
  ]);
});

test("the folder of the classes is the first of the path", () => {
  expect(folderOf(["pets/cat/a.png", "pets/dog/b.png"])).toBe("pets");
  expect(folderOf(["a.png"])).toBe("images");
});

test("pixels are in the model's order and scale", async () => {
  const images = [image("255,0,51.png", "dog"), image("0,255,102.png", "cat")];
  const table = await tableFromImages({ images, scale: "unit" }, inputOf(3, 4, 4), byName);
  expect(table).toMatchObject({ name: "2 images", features: 48, classes: ["cat", "dog"] });
  expect(Array.from(table.labels ?? [])).toEqual([1, 0]);
  const channel = (n: number, c: number) =>
    Array.from(table.values.subarray(48 * n + 16 * c, 48 * n + 16 * c + 2));
  expect([0, 1, 2].map((c) => channel(0, c))).toEqual([
    [0, 1],
    [0, 0],
    [0, expect.closeTo(0.2, 6)],
  ]);
  const last = await tableFromImages({ images, scale: "signed" }, inputOf(4, 4, 3), byName);
  expect(Array.from(last.values.subarray(0, 6))).toEqual([-1, -1, -1, 1, -1, expect.closeTo(-0.6, 6)]);
  const gray = await tableFromImages({ images, scale: "bytes" }, inputOf(4, 4), byName);
  expect(gray.values[1]).toBeCloseTo(0.299 * 255 + 0.114 * 51, 3);
  const standard = await tableFromImages({ images, scale: "imagenet" }, inputOf(3, 4, 4), byName);
  expect(standard.values[1]).toBeCloseTo((1 - 0.485) / 0.229, 5);
  expect(standard.values[17]).toBeCloseTo((0 - 0.456) / 0.224, 5);
});

test("images of one folder have no classes", async () => {
  const images = [image("1,1,1.png", "pets"), image("2,2,2.png", "pets")];
  const { labels, classes } = await tableFromImages({ images, scale: "unit" }, inputOf(4, 4), byName);
  expect([labels, classes]).toEqual([undefined, undefined]);
});

test("what cannot be read is named", async () => {
  const broken: DecodeImage = () => Promise.reject(new Error("no image"));
  const one = { images: [image("cat.png")], scale: "unit" } as const;
  await expect(tableFromImages(one, inputOf(4, 4), broken)).rejects.toThrow(
    new DataError("cat.png cannot be read as an image"),
  );
  const gone = new File(["x"], "cat.png");
  const unreadable = () => Promise.reject(new DOMException("gone", "NotFoundError"));
  gone.slice = () => Object.assign(new Blob(["x"]), { arrayBuffer: unreadable });
  await expect(tableFromImages({ ...one, images: [{ file: gone }] }, inputOf(4, 4), broken)).rejects.toThrow(
    "cat.png cannot be read any more: it was moved, deleted or changed since it was chosen; choose it again",
  );
  await expect(tableFromImages(one, inputOf(16), byName)).rejects.toThrow(
    "images need a model with an input",
  );
  await expect(tableFromImages({ ...one, images: [] }, inputOf(4, 4), byName)).rejects.toThrow(
    "there are no images among these files",
  );
  await expect(tableFromImages({ ...one, scale: "imagenet" }, inputOf(4, 4), byName)).rejects.toThrow(
    "are of three channels, and the model takes one",
  );
  const images = Array.from({ length: 447 }, () => image("1,1,1.png"));
  await expect(tableFromImages({ ...one, images }, inputOf(3, 224, 224), byName)).rejects.toThrow(
    "447 images of 224 × 224 are too many here: up to 445 are read",
  );
});
