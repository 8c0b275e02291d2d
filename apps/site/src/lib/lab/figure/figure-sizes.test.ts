import { expect, test } from "vitest";
import { drawnWidth, STEPS, WIDTHS } from "./figure-sizes.ts";

// What Chromium lays out: windows, and the room that each slot has in them.
test.each([
  { window: 320, card: 254, wide: 254, half: 254 },
  { window: 360, card: 294, wide: 294, half: 294 },
  { window: 390, card: 324, wide: 324, half: 324 },
  { window: 430, card: 364, wide: 364, half: 364 },
  { window: 560, card: 494, wide: 494, half: 494 },
  { window: 720, card: 654, wide: 654, half: 654 },
  { window: 721, card: 639, wide: 419, half: 419 },
  { window: 800, card: 718, wide: 498, half: 498 },
  { window: 960, card: 878, wide: 658, half: 658 },
  { window: 1001, card: 366, wide: 699, half: 337.5 },
  { window: 1280, card: 366, wide: 778, half: 377 },
])("in a window of $window pixels figures are scaled by less than a quarter", ({ window, ...rooms }) => {
  for (const slot of ["card", "wide", "half"] as const) {
    const scale = rooms[slot] / drawnWidth(slot, window);
    expect(scale, slot).toBeGreaterThan(0.89);
    expect(scale, slot).toBeLessThan(1.25);
  }
});

test("steps go from wide windows to narrow ones and leave none out", () => {
  for (const steps of Object.values(STEPS)) {
    expect(steps.map(({ from }) => from)).toEqual(steps.map(({ from }) => from).toSorted((a, b) => b - a));
    expect(steps.at(-1)?.from).toBe(0);
    for (const { width } of steps) expect(WIDTHS).toContain(width);
  }
});
