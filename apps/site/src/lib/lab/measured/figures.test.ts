import type { RunReport } from "@gradus/papers";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { measuredPlot, packFigures } from "./figures.ts";

const axis = { label: "step" };
const report: RunReport = {
  format: 1,
  paper: "anyloss",
  experiment: "mechanism",
  title: "Mechanism",
  profile: "quick",
  seed: 1,
  parameters: { slope: 73 },
  modified: false,
  findings: null,
  undecided: [],
  headline: "",
  checks: [],
  summary: [],
  captions: { slope: "It is steep." },
  plots: [
    { id: "slope", title: "Slope", x: axis, y: axis, mark: "line" },
    { id: "kernel", title: "Kernel", x: axis, y: axis, mark: "heat" },
    { id: "absent", title: "Absent", x: axis, y: axis, mark: "bar" },
  ],
  series: {},
  tables: [],
  notes: [],
  environment: { runtime: "Node", platform: "linux", cores: 2 },
  startedAt: "2026-01-02T03:04:05.000Z",
  elapsed: 10,
};

/** Through a file and back. */
function kept(changes: Partial<RunReport>) {
  return JSON.parse(JSON.stringify(packFigures({ ...report, ...changes })));
}

test("points come back from the file to six digits, gaps as gaps, names with their points", () => {
  const value = fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e300, max: 1e300 });
  const point = fc.record(
    {
      x: fc.oneof(value, fc.string()),
      y: fc.oneof(value, fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)),
      label: fc.string(),
      piece: fc.nat(),
    },
    { requiredKeys: ["x", "y"] },
  );
  fc.assert(
    fc.property(fc.array(point, { minLength: 1 }), (points) => {
      const back = measuredPlot(kept({ series: { slope: { ours: points } } }), "slope").ours;
      if (!Array.isArray(back)) throw new Error("these are points");
      expect(back.map(({ label }) => label)).toEqual(points.map(({ label }) => label));
      if (points.some(({ piece }) => piece !== undefined))
        expect(back.map(({ piece }) => piece)).toEqual(points.map(({ piece = 0 }) => piece));
      points.forEach(({ x, y }, i) => {
        if (typeof x === "string") expect(back[i].x).toBe(x);
        else expect(Math.abs(back[i].x - x)).toBeLessThanOrEqual(5e-6 * Math.abs(x));
        if (Number.isFinite(y)) expect(Math.abs(back[i].y - y)).toBeLessThanOrEqual(5e-6 * Math.abs(y));
        else expect(back[i].y).toBe(y);
      });
    }),
    { seed: 1 },
  );
});

test("heat maps come back with their labels", () => {
  const matrix = { rows: ["a", "b"], columns: ["c"], values: [1 / 3, null] };
  expect(measuredPlot(kept({ matrices: { kernel: { K: matrix } } }), "kernel")).toEqual({
    K: { ...matrix, values: [0.333333, null] },
  });
});

test("a figure without data is none; what the run was stays with the others", () => {
  const figures = kept({ series: { slope: { ours: [{ x: 1, y: 2 }] }, absent: {} } });
  expect(Object.keys(figures.plots)).toEqual(["slope"]);
  expect(figures).toMatchObject({
    profile: "quick",
    seed: 1,
    parameters: { slope: 73 },
  });
  expect(measuredPlot(figures, "absent")).toEqual({});
});
