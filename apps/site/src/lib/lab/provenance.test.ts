import { expect, test } from "vitest";
import type { OfficialRun } from "#lib/views.ts";
import { ownProvenance, sharedProvenance } from "./provenance.ts";

const run = (day: number, changes: Partial<OfficialRun> = {}): OfficialRun => ({
  paper: "walks",
  experiment: "walk",
  profile: "quick",
  seed: 1,
  modified: false,
  checks: [],
  undecided: [],
  environment: { runtime: "Node 24.21.0", platform: "linux", cores: 2 },
  version: "0.1.0",
  ranAt: { label: `December ${day}, 2025`, instant: `2025-12-0${day}T10:00:00.000Z` },
  ...changes,
});

test("what most runs share is said once, and the others say how they differ", () => {
  const full = run(3, { profile: "full" });
  const said = sharedProvenance([run(2), full, run(2, { experiment: "other", seed: 4 })]);
  expect(said).toEqual({
    date: { label: "December 2, 2025", instant: "2025-12-02T10:00:00.000Z" },
    environment: "Node 24.21.0 on linux",
    version: "gradus 0.1.0",
    size: "quick",
  });
  expect(ownProvenance(run(2), said)).toEqual([]);
  expect(ownProvenance(full, said)).toEqual(["December 3, 2025", "full size"]);
  expect(ownProvenance(run(2, { version: "0.2.0" }), said)).toEqual(["gradus 0.2.0"]);
});

test("of equally common ones the latest is said; of none, nothing", () => {
  expect(sharedProvenance([run(1), run(3), run(2)])?.date.label).toBe("December 3, 2025");
  expect(sharedProvenance([])).toBeUndefined();
  expect(ownProvenance(run(1), undefined)).toEqual([
    "December 1, 2025",
    "Node 24.21.0 on linux",
    "gradus 0.1.0",
    "quick",
  ]);
});
