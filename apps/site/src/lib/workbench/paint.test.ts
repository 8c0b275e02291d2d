import { expect, test } from "vitest";
import { painted } from "./paint.ts";

const blank = new Array<number>(64).fill(0);
const middle = (x: number, y: number) => ({ x: x + 0.5, y: y + 0.5 });

test("a dot inks its cell, less the cells around it, and no other", () => {
  const dot = painted(blank, 8, { from: middle(3, 4), to: middle(3, 4) });
  expect(dot[4 * 8 + 3]).toBe(1);
  expect(dot[4 * 8 + 4]).toBeGreaterThan(0.2);
  expect(dot[4 * 8 + 4]).toBe(dot[3 * 8 + 3]);
  expect(dot[4 * 8 + 6]).toBe(0);
});

test("a stroke inks every cell on its way, and strokes do not take ink away", () => {
  const row = painted(blank, 8, { from: middle(0, 2), to: middle(7, 2) });
  expect(row.slice(16, 24)).toEqual(new Array(8).fill(1));
  const cross = painted(row, 8, { from: middle(3, 0), to: middle(3, 7) });
  for (const [k, value] of row.entries()) expect(cross[k]).toBeGreaterThanOrEqual(value);
});

test("erasing takes ink away", () => {
  const full = new Array<number>(64).fill(1);
  const dot = painted(full, 8, { from: middle(3, 4), to: middle(3, 4), ink: 0 });
  expect(dot[4 * 8 + 3]).toBe(0);
  expect(dot[0]).toBe(1);
});
