import { expect, test } from "vitest";
import type { OfficialMeasurement } from "#lib/views.ts";
import { provenance } from "./provenance.ts";

const measurement = (day: number, seeds: number): OfficialMeasurement => ({
  experiment: `walk-${day}`,
  profile: "quick",
  seeds,
  ours: [],
  environment: { runtime: "Node 24.21.0", platform: "linux", cores: 2 },
  version: "0.1.0",
  on: { label: `December ${day}, 2025`, instant: `2025-12-0${day}T10:00:00.000Z` },
  seconds: 3,
});

test("the latest day is told, and over how many seeds", () => {
  expect(provenance([measurement(2, 20), measurement(3, 5)])).toEqual({
    on: { label: "December 3, 2025", instant: "2025-12-03T10:00:00.000Z" },
    seeds: "5 to 20 seeds",
    environment: "Node 24.21.0 on linux",
    version: "gradus 0.1.0",
  });
  expect(provenance([measurement(2, 20), measurement(3, 20)])?.seeds).toBe("20 seeds");
  expect(provenance([measurement(2, 1), measurement(2, 20)])?.seeds).toBe("20 seeds");
  expect(provenance([measurement(2, 1)])?.seeds).toBe("1 seed");
  expect(provenance([])).toBeUndefined();
});
