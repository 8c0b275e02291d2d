import { loadDataset } from "gradus/data";
import { explainerNames } from "gradus/explain";
import { expect, test } from "vitest";
import { isMatrix, type PlotData } from "../experiment.ts";
import { initialValues, openExploration } from "../explore.ts";
import { labelOf, labels } from "./explaining.ts";
import { movePoint } from "./explore-plane.ts";
import { chooseRow, keptNetwork } from "./explore-rows.ts";
import { splitSet, trainNetwork } from "./models.ts";

function matrixOf(data: PlotData, series: string) {
  const found = data[series];
  if (!isMatrix(found)) throw new Error(`${series} is no matrix`);
  return found;
}

function pointsOf(data: PlotData, series: string) {
  const found = data[series];
  if (isMatrix(found)) throw new Error(`${series} is a matrix`);
  return found;
}

test("the point that a reader moves: gradients in closed form, and a neighborhood as wide as its slider says", async () => {
  const opened = await openExploration(movePoint, { seed: 1 });
  const shown = await opened.show({ ...initialValues(movePoint.controls), x1: 0.5, x2: 0.25, sigma: 0.3 });
  const bar = (series: string) =>
    pointsOf(shown["slopes"], series).find(({ x }) => x === labelOf("vanillaGradients"))?.y;
  expect(bar("x₁")).toBeCloseTo(2 / Math.cosh(1) ** 2 + 0.25, 10);
  expect(bar("x₂")).toBeCloseTo(0.5, 10);
  const noise = pointsOf(shown["neighborhoods"], "noise (C-LIME, SmoothGrad)");
  const spread = Math.sqrt(noise.reduce((sum, { x }) => sum + (Number(x) - 0.5) ** 2, 0) / noise.length);
  expect(spread).toBeGreaterThan(0.26);
  expect(spread).toBeLessThan(0.34);
  // near the point the plane of little noise is the tangent plane
  const near = await opened.show({ x1: 0.5, x2: 0.2, sigma: 0.02, width: 1 });
  const [surface, plane] = ["surface", "C-LIME"].map((series) => matrixOf(near["planes"], series));
  const at = surface.columns.indexOf("0.5") + surface.columns.length * surface.rows.indexOf("0.2");
  expect(plane.values[at]).toBeCloseTo(surface.values[at] ?? Number.NaN, 2);
  await expect(opened.show({ x1: 2, x2: 0, sigma: 0.1, width: 1 })).rejects.toThrow(
    "x1 must be in [-1, 1], got 2",
  );
  opened.close();
});

test("a point on an axis has planes too", async () => {
  const opened = await openExploration(movePoint, { seed: 1 });
  const shown = await opened.show({ x1: 0, x2: 0, sigma: 0.1, width: 1 });
  for (const series of ["C-LIME", "LIME", "Integrated Gradients"])
    expect(matrixOf(shown["planes"], series).values.every(Number.isFinite)).toBe(true);
  opened.close();
});

test("the row that a reader chooses: eight columns, each with its largest attribution at 1", async () => {
  const split = await splitSet("breast-cancer", 5, 1);
  const { signal } = new AbortController();
  const network = await trainNetwork("breast-cancer", "A", split, { seed: 1, signal });
  const { featureNames } = await loadDataset("breast-cancer");
  const plain = keptNetwork(network, featureNames, split.ranges, split.test.x, 1);
  const kept: unknown = JSON.parse(JSON.stringify(plain));
  const opened = await openExploration(chooseRow, kept);
  const initial = initialValues(chooseRow.controls);
  for (const row of [0, 4]) {
    const shown = await opened.show({ ...initial, row });
    const attributions = matrixOf(shown["attributions"], "attributions");
    expect([attributions.rows, attributions.columns]).toEqual([featureNames, labels]);
    explainerNames.forEach((_, k) => {
      const column = attributions.values.filter((__, at) => at % explainerNames.length === k);
      expect(Math.max(...column.map((value) => Math.abs(value ?? 0)))).toBe(1);
    });
    const agreement = matrixOf(shown["agreement"], "agreement");
    expect(agreement.values[0]).toBe(0);
  }
  // a reader's own row, in the units of the data
  const { choice } = opened;
  const before = await opened.show({ ...initial, row: 4 });
  choice?.replace([choice.table().rows[4]]);
  expect(choice?.table().columns).toEqual(featureNames);
  expect(await opened.show({ ...initial, row: 0 })).toEqual(before);
  await expect(opened.show({ ...initial, row: 1 })).rejects.toThrow(
    "row must be an integer from 0 to 0, got 1",
  );
  opened.close();
  await expect(openExploration(chooseRow, { rows: [] })).rejects.toThrow("cannot be read");
});
