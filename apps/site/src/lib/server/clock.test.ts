import { expect, test } from "vitest";
import { clock } from "./clock.ts";

test("the clock runs unless it is pinned", () => {
  const before = Date.now();
  const now = clock({})().getTime();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(clock({ GRADUS_NOW: "2025-12-25T12:00Z" })().toISOString()).toBe("2025-12-25T12:00:00.000Z");
});

test("production refuses a pinned clock unless it is allowed on purpose", () => {
  const pinned = { GRADUS_NOW: "2025-12-25T12:00Z", NODE_ENV: "production" };
  expect(() => clock(pinned)).toThrow(/GRADUS_ALLOW_CLOCK=1/);
  expect(clock({ ...pinned, GRADUS_ALLOW_CLOCK: "1" })().getUTCFullYear()).toBe(2025);
});

test.each(["yesterday", "2025", "2025-99-99T00:00Z"])("refuses %j as an instant", (GRADUS_NOW) => {
  expect(() => clock({ GRADUS_NOW })).toThrow(/ISO instant/);
});
