// A process of its own: the renderer's WebAssembly can be set up once in each.
import { expect, test } from "vitest";
import { previewSvg } from "./picture.ts";
import { pngOf } from "./png.ts";

const content = {
  title: "Steps & noise",
  authors: "Ada One",
  published: "June 16, 2025",
  topics: ["Convex"],
};

test("the picture is a PNG file of 1200 x 630 pixels, on which something is written", async () => {
  const png = Buffer.from(await pngOf(previewSvg(content)));
  // PNG specification (third edition), 5.2 and 11.2.1.
  expect(png.subarray(0, 8).toString("hex")).toBe("89504e470d0a1a0a");
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 630]);
  const blank = Buffer.from(await pngOf(previewSvg({ title: "", authors: "", published: "", topics: [] })));
  expect(png.length).toBeGreaterThan(blank.length + 3000);
});
