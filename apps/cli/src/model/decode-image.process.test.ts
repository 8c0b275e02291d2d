// A process of its own: the decoder's WebAssembly can be set up once in each.
import { expect, test } from "vitest";
import { pngBytes } from "../fixture/png.ts";
import { decodeImage, resizeImage } from "./decode-image.ts";

/** 6 x 8 pixels that Pillow compressed, and what Pillow decodes of its columns 0 and 5 in rows 0, 3 and 7. */
const jpeg = Buffer.from(
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/2wBDAQMDAwQDBAgEBAgQCwkLEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBD/wAARCAAIAAYDAREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAABf/EABwQAAEDBQAAAAAAAAAAAAAAAAEABggjJkFDYf/EABQBAQAAAAAAAAAAAAAAAAAAAAX/xAAaEQABBQEAAAAAAAAAAAAAAAAHACQzQVEG/9oADAMBAAIRAxEAPwAmK7Cto0dIx0JDvy47kvUGUA09jvF//9k=",
  "base64",
);
const byPillow = [
  [0, 0, [0, 0, 204]],
  [5, 0, [4, 198, 207]],
  [0, 3, [88, 1, 144]],
  [5, 3, [92, 199, 145]],
  [0, 7, [210, 1, 59]],
  [5, 7, [215, 199, 60]],
] as const;

test("PNG files give their own numbers", async () => {
  const pixel = (x: number, y: number) => [37 * x, 29 * y, 255 - 11 * x - 7 * y];
  const image = await decodeImage(pngBytes(6, 8, pixel), "a.png");
  expect([image.width, image.height]).toEqual([6, 8]);
  for (let y = 0; y < 8; y++)
    for (let x = 0; x < 6; x++)
      pixel(x, y).forEach((value, c) => {
        expect(image.values[3 * (6 * y + x) + c]).toBe(value / 255);
      });
});

test("JPEG files give Pillow's numbers, to the rounding of decoders", async () => {
  const image = await decodeImage(jpeg, "a.jpg");
  expect([image.width, image.height]).toEqual([6, 8]);
  for (const [x, y, color] of byPillow)
    color.forEach((value, c) => {
      expect(Math.abs(255 * image.values[3 * (6 * y + x) + c] - value)).toBeLessThanOrEqual(2);
    });
});

test("a smaller image has means over areas, a larger one is linear between centers", async () => {
  const { values } = await decodeImage(
    pngBytes(4, 2, (x) => [60 * x, 0, 51]),
    "a.png",
  );
  const image = { width: 4, height: 2, values };
  const small = resizeImage(image, { width: 2, height: 1 });
  expect([small.values[0], small.values[3]]).toEqual([
    expect.closeTo(30 / 255, 12),
    expect.closeTo(150 / 255, 12),
  ]);
  // Three pixels of 4/3 each: the middle one has a third of pixels 1 and 2 each, twice.
  const odd = resizeImage(image, { width: 3, height: 2 });
  expect(odd.values[0]).toBeCloseTo((60 * 0 + 60 / 3) / (4 / 3) / 255, 12);
  expect(odd.values[3]).toBeCloseTo(90 / 255, 12);
  const large = resizeImage(image, { width: 8, height: 4 });
  expect([0, 1, 2, 7].map((x) => Math.round(255 * large.values[3 * x]))).toEqual([0, 15, 45, 180]);
  for (const one of [small, odd, large])
    expect(one.values.filter((_, i) => i % 3 === 2).every((v) => Math.abs(v - 0.2) < 1e-12)).toBe(true);
});

test("what is no image is refused", async () => {
  const png = pngBytes(6, 8, () => [1, 2, 3]);
  await expect(decodeImage(Buffer.from("text"), "a.png")).rejects.toThrow("a.png is not a PNG or JPEG image");
  const damaged = Buffer.concat([png.subarray(0, 45), Buffer.alloc(40)]);
  await expect(decodeImage(damaged, "b.png")).rejects.toThrow("b.png cannot be decoded");
  const huge = Buffer.from(png);
  huge.writeUInt32BE(100_000_000, 16);
  await expect(decodeImage(huge, "c.png")).rejects.toThrow(
    "c.png has 100000000 x 8 pixels; from 1 to 50000000",
  );
});
