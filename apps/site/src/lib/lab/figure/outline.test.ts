import type { PlotSpecification } from "@gradus/papers";
import { expect, test } from "vitest";
import type { ExperimentView, MeasuredView, PictureView } from "#lib/views.ts";
import { runOutline } from "./outline.ts";

const plot: PlotSpecification = {
  id: "loss",
  title: "Loss",
  x: { label: "step" },
  y: { label: "loss" },
  mark: "line",
  series: ["ours"],
  references: ["bound"],
};
const official: PictureView = {
  address: "/figures/paper/experiment/loss",
  blank: false,
  outline: { series: ["ours", "theirs", "bound"], categories: [], x: [0, 10], y: [1, 2] },
  page: [],
};
const measured: MeasuredView = {
  profile: "quick",
  seed: 1,
  on: { label: "November 25, 2026", instant: "2026-11-25T00:00:00.000Z" },
  headline: "",
  captions: {},
  summary: [],
  notes: [],
  tables: [],
  plots: ["loss"],
};
const view: ExperimentView = {
  id: "experiment",
  title: "Experiment",
  description: "It measures.",
  claims: ["C1"],
  graph: false,
  seedless: false,
  seconds: { quick: 1, full: 2 },
  plots: [plot],
  pictures: { loss: official },
  fields: [],
  measured,
};
const quick = { begun: { profile: "quick", changed: [] }, view } as const;
const declared = { series: ["ours", "bound"], categories: [] };

test("a run as the official one is expected to draw what that drew", () => {
  expect(runOutline(quick, plot)).toEqual(official.outline);
});

test("another profile, or none to go by, draws what the plot declares; changed parameters whatever they give", () => {
  expect(runOutline({ view, begun: { profile: "full", changed: [] } }, plot)).toEqual(declared);
  expect(runOutline({ ...quick, view: { ...view, measured: undefined } }, plot)).toEqual(declared);
  expect(runOutline({ ...quick, view: { ...view, pictures: {} } }, plot)).toEqual(declared);
  expect(runOutline({ view, begun: { profile: "quick", changed: ["steps"] } }, plot)).toEqual({
    series: [],
    categories: [],
  });
});
