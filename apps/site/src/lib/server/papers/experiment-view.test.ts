import { defineExperiment, progress } from "@gradus/papers";
import { expect, test } from "vitest";
import { z } from "zod";
import { experimentFields } from "./experiment-view.ts";

const definition = defineExperiment({
  description: "Every kind of parameter.",
  parameters: z.object({
    steps: z.array(z.number().positive()).default([1, 10, 1e6]).describe("step sizes"),
    limit: z.int().min(1).max(20_000).default(20_000).describe("iterations allowed"),
    smoothing: z.number().min(0).default(0.05).describe("smoothing μ"),
    method: z.enum(["weights", "gradient"]).default("weights").describe("normalization"),
    sets: z
      .array(z.enum(["3v8", "1v8"]))
      .default(["3v8"])
      .describe("data"),
    images: z.boolean().default(true).describe("also MNIST"),
    grid: z
      .union([z.literal(7), z.literal(15)])
      .default(15)
      .describe("points a side"),
    note: z.string().default("").describe("a word"),
    seeds: z.int().default(3),
  }),
  dataDirectory: ["images"],
  profiles: { quick: { limit: 4000, images: false }, full: {} },
  seconds: { quick: 1, full: 10 },
  plots: [],
  async *measure() {
    yield progress(1, "done");
    return {};
  },
  judge: () => [],
  present: () => ({ headline: "", summary: [], captions: {} }),
});
const experiment = { ...definition, id: "example", title: "An example", claims: ["C1"] };

test("a form field for each parameter, with its description, bounds, choices and the values of each profile", () => {
  expect(experimentFields(experiment)).toEqual([
    {
      name: "steps",
      label: "step sizes",
      kind: "numbers",
      values: { quick: [1, 10, 1e6], full: [1, 10, 1e6] },
    },
    {
      name: "limit",
      label: "iterations allowed",
      kind: "integer",
      values: { quick: 4000, full: 20_000 },
      minimum: 1,
      maximum: 20_000,
    },
    {
      name: "smoothing",
      label: "smoothing μ",
      kind: "number",
      values: { quick: 0.05, full: 0.05 },
      minimum: 0,
    },
    {
      name: "method",
      label: "normalization",
      kind: "choice",
      values: { quick: "weights", full: "weights" },
      options: ["weights", "gradient"],
    },
    {
      name: "sets",
      label: "data",
      kind: "words",
      values: { quick: ["3v8"], full: ["3v8"] },
      options: ["3v8", "1v8"],
    },
    {
      name: "images",
      label: "also MNIST",
      kind: "switch",
      values: { quick: false, full: true },
      dataDirectory: true,
    },
    {
      name: "grid",
      label: "points a side",
      kind: "choice",
      values: { quick: 15, full: 15 },
      options: ["7", "15"],
    },
    { name: "note", label: "a word", kind: "text", values: { quick: "", full: "" } },
    { name: "seeds", label: "seeds", kind: "integer", values: { quick: 3, full: 3 } },
  ]);
});
