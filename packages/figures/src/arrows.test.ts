import type { PlotSpecification } from "@gradus/papers";
import { DOMParser } from "linkedom";
import { expect, test } from "vitest";
import { figureFile } from "./svg-text.ts";

const field: PlotSpecification = {
  id: "field",
  title: "A field",
  x: { label: "x" },
  y: { label: "y" },
  mark: "dot",
  series: ["points", "field"],
  arrows: ["field"],
};

test("points of a series of arrows are drawn in pairs, however many, and a tail without a head is not", () => {
  const count = 901;
  const along = Array.from({ length: count }, (_, i) => ({ x: i / count, y: i % 2 }));
  const file = figureFile(field, { points: [{ x: 0, y: 0 }], field: along });
  const document = new DOMParser().parseFromString(file ?? "", "image/svg+xml");
  const paths = [...document.querySelectorAll("path")].map((path) => path.getAttribute("d") ?? "");
  // a shaft, and a head of two strokes
  expect(paths.filter((d) => /^M[^ML]+L[^ML]+M[^ML]+L[^ML]+L[^ML]+$/.test(d))).toHaveLength(450);
  // the dot of the one point, and that of its legend
  expect(document.querySelectorAll("circle")).toHaveLength(2);
});
