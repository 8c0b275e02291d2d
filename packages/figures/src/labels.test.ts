import fc from "fast-check";
import { expect, test } from "vitest";
import { LABEL_GAP, LABEL_HEIGHT, labelCoversLine, labelMargin, spreadLabels } from "./labels.ts";

test("labels that do not meet stay where they want to be", () => {
  expect(
    spreadLabels(
      [
        { x: 100, y: 20, width: 40 },
        { x: 100, y: 60, width: 40 },
        { x: 10, y: 20, width: 40 },
      ],
      0,
      200,
    ),
  ).toEqual([20, 60, 20]);
});

test("labels that want the same place stand under one another", () => {
  const placed = spreadLabels(
    [
      { x: 100, y: 50, width: 40 },
      { x: 100, y: 50, width: 40 },
      { x: 100, y: 51, width: 40 },
    ],
    0,
    200,
  );
  expect(placed).toEqual([50, 50 + LABEL_HEIGHT, 50 + 2 * LABEL_HEIGHT]);
});

test("no label covers another or leaves the plot while there is room", () => {
  const wish = fc.record({
    x: fc.constant(300),
    y: fc.integer({ min: 0, max: 200 }),
    width: fc.constant(50),
  });
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 12 }), (wishes) => {
      const placed = spreadLabels(wishes, 0, 200).sort((a, b) => a - b);
      for (let i = 1; i < placed.length; i++)
        expect(placed[i] - placed[i - 1]).toBeGreaterThanOrEqual(LABEL_HEIGHT);
      for (const y of placed) {
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(200);
      }
    }),
    { seed: 2, numRuns: 300 },
  );
});

test("the margin lets the widest label end at the border, and is no wider than that", () => {
  const ends = [
    { share: 1, labelWidth: 80 },
    { share: 0.5, labelWidth: 120 },
  ];
  const margin = labelMargin(ends, 400, 40, 12);
  const right = (share: number, label: number) => 40 + share * (400 - 40 - margin) + LABEL_GAP + label;
  expect(right(1, 80)).toBeCloseTo(400);
  expect(right(0.5, 120)).toBeLessThan(400);
  expect(labelMargin([{ share: 0.2, labelWidth: 50 }], 400, 40, 12)).toBe(12);
  expect(labelMargin([], 400, 40, 12)).toBe(12);
});

test("a label lies over a line that passes through it, not over one that passes by or ends before it", () => {
  const label = { x: 100, y: 50, width: 40 };
  const line = (...points: [number, number][]) => points.map(([x, y]) => ({ x, y }));
  expect(labelCoversLine(label, line([0, 50], [300, 50]))).toBe(true);
  expect(labelCoversLine(label, line([0, 0], [300, 150]))).toBe(true);
  expect(labelCoversLine(label, line([300, 150], [0, 0]))).toBe(true);
  expect(labelCoversLine(label, line([0, 60], [300, 60]))).toBe(false);
  expect(labelCoversLine(label, line([0, 50], [94, 50]))).toBe(false);
  expect(labelCoversLine(label, line([150, 50], [300, 50]))).toBe(false);
  expect(labelCoversLine(label, [])).toBe(false);
});
