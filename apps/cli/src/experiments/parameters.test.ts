import { defineExperiment, progress } from "@gradus/papers";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { UsageError } from "../errors.ts";
import { formatValue, parameterTable, parseAssignments } from "./parameters.ts";

const definition = defineExperiment({
  description: "",
  parameters: z.object({
    count: z.int().min(1).max(9).default(3).describe("how many"),
    rate: z.number().positive().lt(1).default(0.5).describe("how fast"),
    loss: z.enum(["square", "logistic"]).default("square").describe("which loss"),
    centered: z.boolean().default(true).describe("whether centered"),
    sizes: z.array(z.int().min(1)).min(1).default([8, 16]).describe("layer widths"),
    step: z
      .union([z.literal("auto"), z.number().positive()])
      .default("auto")
      .describe("step size"),
    limit: z.number().nullable().default(null).describe("where to stop"),
    name: z.string().default("").describe("a name"),
  }),
  profiles: { quick: { count: 2 }, full: {} },
  seconds: { quick: 1, full: 1 },
  plots: [],
  async *measure() {
    yield progress(1, "done");
    return {};
  },
  judge: () => [],
  present: () => ({ headline: "", summary: [], captions: {} }),
});
const experiment = { ...definition, id: "many-kinds", title: "", claims: [] };

const parse = (...assignments: string[]) => parseAssignments(experiment, "quick", assignments, 80);

describe("parseAssignments", () => {
  it("reads each value as its field's type", () => {
    expect(
      parse(
        "count=9",
        "rate=1e-3",
        "loss=logistic",
        "centered=false",
        "sizes=1, 2,3",
        "step=0.1",
        "limit=-2",
        "name=a=b",
      ),
    ).toEqual({
      count: 9,
      rate: 0.001,
      loss: "logistic",
      centered: false,
      sizes: [1, 2, 3],
      step: 0.1,
      limit: -2,
      name: "a=b",
    });
    expect(parse("step=auto", "limit=null", "name=")).toEqual({ step: "auto", limit: null, name: "" });
    expect(parse("count=1", "count=2")).toEqual({ count: 2 });
  });

  it("states the type and bounds of a value", () => {
    const cases: [assignment: string, message: string][] = [
      ["count=0", "parameter count: expected a whole number from 1 to 9, got 0"],
      ["count=2.5", "parameter count: expected a whole number from 1 to 9, got 2.5"],
      ["count=two", "got two"],
      ["count=", "got nothing"],
      ["rate=0", "parameter rate: expected a number above 0, below 1, got 0"],
      ["rate=Infinity", "got Infinity"],
      ["loss=cubic", "parameter loss: expected square or logistic, got cubic"],
      ["centered=yes", "parameter centered: expected true or false, got yes"],
      ["sizes=", "parameter sizes: expected a whole number at least 1; at least 1, separated by commas"],
      ["sizes=1,x", "got 1,x"],
      ["sizes=1,0", "got 1,0"],
      ["step=0", "parameter step: expected auto or a number above 0, got 0"],
      ["limit=high", "parameter limit: expected a number or null, got high"],
    ];
    for (const [assignment, message] of cases) expect(() => parse(assignment)).toThrow(message);
  });

  it("suggests the nearest name and lists all with defaults and bounds", () => {
    expect(() => parse("cuont=3")).toThrow(UsageError);
    expect(() => parse("cuont=3")).toThrow('many-kinds has no parameter "cuont". Did you mean count?');
    expect(() => parse("cuont=3")).toThrow(
      /Parameters of many-kinds:\n(?:.*\n)*count +2 +whole number from 1 to 9/,
    );
    expect(() => parse("count")).toThrow('--set must be name=value, got "count"');
    expect(() => parse("=3")).toThrow("--set must be name=value");
  });
});

it("shows parameters with their values in each profile", () => {
  const lines = parameterTable(experiment, ["quick", "full"], 100);
  expect(lines[0]).toMatch(/^parameter +quick +full +values/);
  expect(lines[1]).toMatch(/^count +2 +3 +whole number from 1 to 9 +how many$/);
  expect(lines.find((line) => line.startsWith("sizes"))).toContain("8,16");
});

it("writes values in the form that --set reads", () => {
  const values = { sizes: [4, 5], rate: 0.25, centered: true, limit: null };
  const assignments = Object.entries(values).map(([name, value]) => `${name}=${formatValue(value)}`);
  expect(parse(...assignments)).toEqual(values);
});
