import { expect, test } from "vitest";
import { offeredZone, zoneNames } from "./zones.ts";

test("zones go by their names today, each once, and all are known", () => {
  const zones = zoneNames();
  expect(zones[0]).toBe("UTC");
  expect(zones).toEqual(
    expect.arrayContaining(["Asia/Kolkata", "Asia/Kathmandu", "Europe/Kyiv", "America/Nuuk"]),
  );
  expect(zones).not.toContain("Asia/Calcutta");
  expect(new Set(zones).size).toBe(zones.length);
  for (const timeZone of zones) expect(() => new Intl.DateTimeFormat("en", { timeZone })).not.toThrow();
});

test("a browser's zone is found by whichever of its names the browser gives", () => {
  const zones = zoneNames();
  for (const name of ["Asia/Kolkata", "Asia/Calcutta"]) expect(offeredZone(zones, name)).toBe("Asia/Kolkata");
  expect(offeredZone(["UTC", "Europe/Kiev"], "Europe/Kyiv")).toBe("Europe/Kiev");
  expect(offeredZone(zones, "Europe/Berlin")).toBe("Europe/Berlin");
  expect(offeredZone(zones, "Etc/UTC")).toBe("UTC");
  expect(offeredZone(zones, "Etc/Unknown")).toBeUndefined();
});
