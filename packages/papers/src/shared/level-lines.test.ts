import { expect, test } from "vitest";
import { levelLines } from "./level-lines.ts";

const window = { x: [-2, 2], y: [-2, 2], cells: 40 } as const;
const radius = (x: number, y: number) => Math.hypot(x, y);

/** Points by piece. */
const pieces = (points: ReturnType<typeof levelLines>) => [
  ...Map.groupBy(points, ({ piece }) => piece).values(),
];

test("a circle is one closed line of the right radius, and each level its own", () => {
  const lines = pieces(levelLines(radius, { ...window, levels: [0.5, 1.5], tolerance: 0.005 }));
  expect(lines.map((line) => line[0])).toEqual(lines.map((line) => line[line.length - 1]));
  const sizes = lines.map((line) => line.map(({ x, y }) => radius(Number(x), y)));
  expect(lines.length).toBe(2);
  for (const [k, level] of [0.5, 1.5].entries())
    for (const size of sizes[k]) expect(Math.abs(size - level)).toBeLessThan(0.01);
});

test("a straight line needs two points, and ends at the border", () => {
  const [line, ...others] = pieces(
    levelLines((x, y) => x + y / 2, { ...window, levels: [0.3], tolerance: 1e-6 }),
  );
  expect(others).toEqual([]);
  expect(line.length).toBe(2);
  for (const { x, y } of line) expect(Number(x) + y / 2).toBeCloseTo(0.3, 12);
  expect(line.map(({ y }) => Math.abs(y))).toEqual([2, 2]);
});

test("a saddle has two lines on either side, which do not cross", () => {
  const lines = pieces(levelLines((x, y) => x * y, { ...window, cells: 41, levels: [0.1], tolerance: 0.01 }));
  expect(lines.length).toBe(2);
  for (const line of lines) expect(new Set(line.map(({ x }) => Math.sign(Number(x)))).size).toBe(1);
});

test("two hills are two pieces, and nothing is drawn of a level that does not occur", () => {
  const hills = (x: number, y: number) =>
    Math.exp(-4 * ((x - 1) ** 2 + y * y)) + Math.exp(-4 * ((x + 1) ** 2 + y * y));
  expect(pieces(levelLines(hills, { ...window, levels: [0.5], tolerance: 0.01 })).length).toBe(2);
  expect(levelLines(hills, { ...window, levels: [5], tolerance: 0.01 })).toEqual([]);
});
