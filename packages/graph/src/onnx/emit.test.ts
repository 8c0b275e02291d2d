import { expect, test } from "vitest";
import { Emitter } from "./emit.ts";

const emitter = () =>
  new Emitter({
    initializers: [],
    constants: new Map(),
    inputs: [],
    dimensions: new Map(),
    names: 0,
    domains: new Map(),
    taken: new Set(),
    labels: new Set(),
  });

test("a branch uses what was made before it, and not what the other branch made", () => {
  const emit = emitter();
  const negated = (graph: Emitter, x: string) => graph.once(`-${x}`, () => graph.node("Neg", [x]));
  const before = negated(emit, "x");
  const counts: number[] = [];
  const branch = (graph: Emitter) => {
    expect(negated(graph, "x")).toBe(before);
    const result = negated(graph, "y");
    counts.push(graph.nodes.length);
    return result;
  };
  emit.either("condition", branch, branch, { dtype: "f32", shape: [] });
  expect(counts).toEqual([1, 1]);
  const nodes = emit.nodes.length;
  negated(emit, "y");
  expect(emit.nodes.length).toBe(nodes + 1);
});
