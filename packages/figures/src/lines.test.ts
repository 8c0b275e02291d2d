import type { PlotSpecification } from "@gradus/papers";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { planLines } from "./lines.ts";

const specification: PlotSpecification = {
  id: "waves",
  title: "Waves",
  x: { label: "x" },
  y: { label: "value" },
  mark: "line",
  series: ["wave"],
};
const wave = { name: "wave", role: "method", color: "blue", width: 2, hollow: false } as const;
const { document } = parseHTML("<html></html>");

/** The heights at which the labels of the y axis of a drawing stand. */
function labelHeights(height: number, amplitude: number): number[] {
  const points = Array.from({ length: 50 }, (_, i) => ({ x: i, y: amplitude * Math.sin(i / 5) }));
  const options = { width: 220, height, document, textWidth: (text: string) => 7 * text.length };
  const plan = planLines(specification, [{ ...wave, points }], options);
  const labels = plan?.draw().querySelectorAll('[aria-label="y-axis tick label"] text') ?? [];
  return Array.from(labels, (label) =>
    Number(/,([\d.]+)\)/.exec(label.getAttribute("transform") ?? "")?.[1]),
  );
}

test.each([90, 100, 110, 120, 160, 260, 400])(
  "labels of the y axis do not touch at a height of %d",
  (height) => {
    for (const amplitude of [0.09, 0.3, 0.95, 1.9, 45, 7000]) {
      const heights = labelHeights(height, amplitude).toSorted((a, b) => a - b);
      expect(heights.length).toBeGreaterThan(1);
      for (const [i, y] of heights.slice(1).entries()) expect(y - heights[i]).toBeGreaterThanOrEqual(12);
    }
  },
);
