import { readFileSync } from "node:fs";
import { type OnnxGraph, type OnnxNode, onnxGraph } from "@gradus/graph";
import { describe, expect, test } from "vitest";
import { foldedDiagram, modelDiagram } from "./diagram.ts";
import { findRepeats } from "./repeats.ts";

const fixture = (name: string) =>
  onnxGraph(
    readFileSync(new URL(`../../../../../../packages/graph/fixtures/pytorch/${name}.onnx`, import.meta.url)),
  );
const sample = onnxGraph(readFileSync(new URL("../sample/digits-cnn.onnx", import.meta.url)));
const trained = new Set(sample.stored.map(({ name }) => name).filter((name) => !/^constant/.test(name)));
const closed = new Set<string>();

describe("repeats", () => {
  test("the longest saving is found, with what is left on both sides", () => {
    expect(findRepeats([..."xabcabcabcy"])).toEqual([{ start: 1, period: 3, count: 3 }]);
    expect(findRepeats([..."abcabcXdefgdefgdefg"])).toEqual([
      { start: 0, period: 3, count: 2 },
      { start: 7, period: 4, count: 3 },
    ]);
  });

  test("short blocks and what does not repeat are left as they are", () => {
    expect(findRepeats([..."ababab"])).toEqual([]);
    expect(findRepeats([..."abcdefgh"])).toEqual([]);
    expect(findRepeats([])).toEqual([]);
  });
});

describe("the diagram", () => {
  test("of the sample names layers by their sizes and leaves out what prepares biases", () => {
    const { boxes, edges, hidden } = foldedDiagram(modelDiagram(sample, trained), closed);
    expect(boxes.map(({ title, detail }) => `${title}; ${detail}`)).toEqual([
      "image; batch × 1 × 8 × 8",
      "Div; ",
      "Conv 3 × 3, 8; 80 parameters",
      "Relu; ",
      "Conv 3 × 3, 16; 1,168 parameters · stride 2",
      "Relu; ",
      "Reshape; ",
      "Gemm 256 → 10; 2,570 parameters",
      "Identity; ",
      "logits; batch × 10",
    ]);
    expect(hidden).toBe(5);
    expect(edges).toEqual(boxes.slice(1).map((_, k) => [k, k + 1]));
    expect(boxes[2].parameters).toEqual(["conv1.weights", "conv1.bias"]);
  });

  test("of a transformer has no shape arithmetic, and every edge leads from an earlier box to a later one", () => {
    const { boxes, edges, hidden } = foldedDiagram(modelDiagram(fixture("transformer")), closed);
    expect(boxes.some(({ title }) => title === "Constant" || title === "Unsqueeze")).toBe(false);
    // PyTorch stores [outputs, inputs] and transposes in the graph.
    expect(boxes.some(({ title }) => title === "MatMul 8 → 24")).toBe(true);
    expect(hidden).toBeGreaterThan(20);
    for (const [from, to] of edges) expect(from).toBeLessThan(to);
  });

  test("of an operator that cannot be imported says so", () => {
    const graph: OnnxGraph = {
      ...sample,
      nodes: sample.nodes.map((node) => (node.operator === "Gemm" ? { ...node, supported: false } : node)),
    };
    const boxes = foldedDiagram(modelDiagram(graph), closed).boxes.filter(({ supported }) => !supported);
    expect(boxes.map(({ detail }) => detail)).toEqual(["not supported · 2,570 parameters"]);
  });

  const node = (operator: string, from: string, to: string, weight?: string): OnnxNode => ({
    name: to,
    operator,
    inputs: weight ? [from, weight] : [from],
    outputs: [to],
    attributes: {},
    innerNodes: 0,
    supported: true,
  });
  const layers = Array.from({ length: 12 }, (_, k) => [
    node("MatMul", k === 0 ? "x" : `c${k - 1}`, `a${k}`, `w${k}`),
    node("Relu", `a${k}`, `b${k}`),
    node("Neg", `b${k}`, `c${k}`),
  ]).flat();
  const deep: OnnxGraph = {
    nodes: layers,
    stored: layers.flatMap(({ inputs: [, weight] }) =>
      weight ? [{ name: weight, shape: [4, 4], floating: true }] : [],
    ),
    inputs: [{ name: "x", shape: ["batch", 4], floating: true }],
    outputs: [{ name: "c11", floating: true }],
  };

  test("of a deep model folds its equal blocks, and unfolds one at a time", () => {
    const model = modelDiagram(deep);
    const titles = (open: ReadonlySet<string>) => foldedDiagram(model, open).boxes.map(({ title }) => title);
    expect(titles(closed)).toEqual(["x", "12 equal blocks", "c11"]);
    expect(foldedDiagram(model, closed).boxes[1]).toMatchObject({
      ...{ id: "blocks-0", kind: "blocks", detail: "36 operators · 192 parameters" },
    });
    expect(titles(new Set(["blocks-0"]))).toHaveLength(14);
    const one = foldedDiagram(model, new Set(["blocks-0", "blocks-0-2"]));
    expect(one.boxes.slice(2, 7).map(({ title, within }) => [title, within])).toEqual([
      ["Block 2 of 12", "blocks-0"],
      ["MatMul 4 → 4", "blocks-0-2"],
      ["Relu", "blocks-0-2"],
      ["Neg", "blocks-0-2"],
      ["Block 4 of 12", "blocks-0"],
    ]);
    expect(one.edges).toEqual(one.boxes.slice(1).map((_, k) => [k, k + 1]));
  });

  test("of a model without inputs shows what makes its output", () => {
    const outputs = [{ name: "y", floating: true }];
    const graph = { ...deep, nodes: [node("RandomNormal", "", "y")], inputs: [], outputs };
    const { boxes, edges } = foldedDiagram(modelDiagram(graph), closed);
    expect(boxes.map(({ title }) => title)).toEqual(["RandomNormal", "y"]);
    expect(edges).toEqual([[0, 1]]);
  });
});
