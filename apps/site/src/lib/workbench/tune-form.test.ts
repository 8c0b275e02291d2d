import { expect, test } from "vitest";
import type { DrawnNode } from "./diagram/drawn-nodes.ts";
import { fieldProblem, formProblems, initialFields, lastLayer, settingsOf } from "./tune-form.ts";

const node = (...parameters: string[]): DrawnNode => ({
  node: {
    name: "n",
    operator: "Gemm",
    inputs: [],
    outputs: [],
    attributes: {},
    innerNodes: 0,
    supported: true,
  },
  parameters,
  sources: [],
});
const nodes = [node("a.weight", "a.bias"), node(), node("b.weight", "b.bias"), node("scale"), node()];
const trainable = new Set(["a.weight", "a.bias", "b.weight", "b.bias"]);

test("the last layer is the last node with parameters that are trained", () => {
  expect(lastLayer(nodes, trainable)).toEqual(["b.weight", "b.bias"]);
  expect(lastLayer([node()], trainable)).toEqual([]);
});

test("a form becomes settings: the last layer alone freezes all others", () => {
  const form = { ...initialFields, train: "last layer", heldOut: "25" } as const;
  expect(formProblems(form)).toEqual({});
  expect(settingsOf(form, { nodes, trainable }, [])).toMatchObject({
    ...{ freeze: ["a.weight", "a.bias"], learningRate: 0.001, epochs: 20, heldOut: 0.25 },
  });
  expect(settingsOf(initialFields, { nodes, trainable }, []).freeze).toEqual([]);
});

test("the batch size is left to the library unless it is given", () => {
  const settings = (batchSize: string) =>
    settingsOf({ ...initialFields, batchSize }, { nodes, trainable }, []).batchSize;
  expect([settings(initialFields.batchSize), settings(" "), settings("64")]).toEqual([
    undefined,
    undefined,
    64,
  ]);
  expect(formProblems({ ...initialFields, batchSize: " " })).toEqual({});
  expect(formProblems({ ...initialFields, batchSize: "0" }).batchSize).toMatch(
    /whole number from 1 to 65,536/,
  );
});

test("a new last layer is kept out unless its outputs are given", () => {
  const settings = (head: string) => settingsOf({ ...initialFields, head }, { nodes, trainable }, []);
  expect(settings(" ").head).toBeUndefined();
  expect(settings("12").head).toBe(12);
  expect(formProblems({ ...initialFields, head: "ten" }).head).toMatch(/whole number from 1 to 10,000/);
  expect(formProblems({ ...initialFields, head: "1" }).head).toBe(
    "must be at least 2 for cross-entropy, got “1”",
  );
  expect(formProblems({ ...initialFields, head: "1", loss: "squared" })).toEqual({});
});

test.each([
  ["epochs", "1.5", "must be a whole number from 1 to 10,000, got “1.5”"],
  ["learningRate", "", "must be a number from 1e-9 to 100, got nothing"],
  ["learningRate", "fast", "must be a number from 1e-9 to 100, got “fast”"],
  ["heldOut", "95", "must be a number from 0 to 90, got “95”"],
  ["batchSize", "32", undefined],
] as const)("%s %j", (name, text, problem) => {
  expect(fieldProblem(name, text)).toBe(problem);
});
