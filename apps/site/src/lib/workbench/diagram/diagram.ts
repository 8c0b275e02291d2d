import type { OnnxGraph } from "@gradus/graph";
import { type DrawnGraph, type DrawnNode, drawnGraph, type Source } from "./drawn-nodes.ts";
import { nodeLabel, parameterCount, type StoredShapes, shapeWords } from "./labels.ts";
import { findRepeats, type Repeat } from "./repeats.ts";

/** A box of the diagram. */
export interface Box {
  readonly id: string;
  readonly kind: "input" | "output" | "operator" | "blocks" | "block";
  readonly title: string;
  readonly detail: string;
  /** The name in the file, where it is one node's. */
  readonly name?: string;
  readonly supported: boolean;
  /** The id of the box that folds it away. */
  readonly within?: string;
  /** Names of its parameters. */
  readonly parameters: readonly string[];
}

/** Boxes in an order in which every edge leads from an earlier one to a later one. */
export interface Diagram {
  readonly boxes: readonly Box[];
  readonly edges: readonly (readonly [from: number, to: number])[];
  /** How many nodes of the file are left out. */
  readonly hidden: number;
}

/** Diagrams of fewer nodes show all of them. */
const FOLDED_FROM = 30;

/** A model's graph, ready to be drawn with any of its blocks folded. */
export interface ModelDiagram {
  readonly drawn: DrawnGraph;
  readonly shapes: StoredShapes;
  readonly repeats: readonly Repeat[];
}

/** What makes two nodes alike: operator, attributes, and the shapes of their parameters. */
function signature({ node, parameters }: DrawnNode, shapes: StoredShapes): string {
  return JSON.stringify([node.operator, node.attributes, parameters.map((name) => shapes.get(name))]);
}

/** @param parameters the names of the model's parameters, where they are known */
export function modelDiagram(graph: OnnxGraph, parameters?: ReadonlySet<string>): ModelDiagram {
  const drawn = drawnGraph(graph, parameters);
  const shapes = new Map(graph.stored.map(({ name, shape }) => [name, shape]));
  const labels = drawn.nodes.map((node) => signature(node, shapes));
  return { drawn, shapes, repeats: labels.length > FOLDED_FROM ? findRepeats(labels) : [] };
}

const operators = (count: number) => `${count} ${count === 1 ? "operator" : "operators"}`;

/** A box for the nodes `from` .. `to` - 1. */
function folded(
  { drawn, shapes }: ModelDiagram,
  { id, kind, title, within }: Pick<Box, "id" | "kind" | "title" | "within">,
  [from, to]: readonly [number, number],
): Box {
  const members = drawn.nodes.slice(from, to);
  const count = members.reduce((sum, node) => sum + parameterCount(node, shapes), 0);
  const parameters = members.flatMap((node) => node.parameters);
  const numbers = count > 0 ? ` · ${count.toLocaleString("en-US")} parameters` : "";
  return {
    id,
    kind,
    title,
    detail: `${operators(to - from)}${numbers}`,
    supported: members.every(({ node }) => node.supported),
    within,
    parameters,
  };
}

/** The boxes of the nodes, and the box in which each node is. */
function nodeBoxes(model: ModelDiagram, open: ReadonlySet<string>) {
  const { drawn, shapes, repeats } = model;
  const boxes: Box[] = [];
  const places: number[] = [];
  const single = (index: number, within?: string) => {
    const drawnNode = drawn.nodes[index];
    places[index] = boxes.length;
    boxes.push({
      id: `node-${index}`,
      kind: "operator",
      ...nodeLabel(drawnNode, shapes),
      name: drawnNode.node.name,
      supported: drawnNode.node.supported,
      within,
      parameters: drawnNode.parameters,
    });
  };
  const together = (from: number, to: number, what: Pick<Box, "id" | "kind" | "title" | "within">) => {
    for (let i = from; i < to; i++) places[i] = boxes.length;
    boxes.push(folded(model, what, [from, to]));
  };
  let next = 0;
  const singles = (to: number, within?: string) => {
    for (; next < to; next++) single(next, within);
  };
  for (const { start, period, count } of repeats) {
    singles(start);
    const id = `blocks-${start}`;
    const end = start + period * count;
    if (!open.has(id)) together(start, end, { id, kind: "blocks", title: `${count} equal blocks` });
    else
      for (let k = 0; k < count; k++) {
        const [from, to] = [start + k * period, start + (k + 1) * period];
        const inner = `${id}-${k}`;
        next = from;
        if (open.has(inner)) singles(to, inner);
        else
          together(from, to, { id: inner, kind: "block", title: `Block ${k + 1} of ${count}`, within: id });
      }
    next = end;
  }
  singles(drawn.nodes.length);
  return { boxes, places };
}

/** The diagram with these blocks unfolded. */
export function foldedDiagram(model: ModelDiagram, open: ReadonlySet<string>): Diagram {
  const { inputs, outputs, hidden, nodes } = model.drawn;
  const value = (kind: "input" | "output", k: number, { name, shape }: (typeof inputs)[number]): Box => ({
    id: `${kind}-${k}`,
    kind,
    title: name,
    detail: shapeWords(shape),
    supported: true,
    parameters: [],
  });
  const inner = nodeBoxes(model, open);
  const boxes = [
    ...inputs.map((input, k) => value("input", k, input)),
    ...inner.boxes,
    ...outputs.map((output, k) => value("output", k, output.value)),
  ];
  const placeOf = (source: Source) =>
    "input" in source ? source.input : inputs.length + inner.places[source.node];
  const edges = new Map<string, readonly [number, number]>();
  const connect = (source: Source, to: number) => {
    const from = placeOf(source);
    if (from !== to) edges.set(`${from} ${to}`, [from, to]);
  };
  nodes.forEach(({ sources }, k) => {
    for (const source of sources) connect(source, inputs.length + inner.places[k]);
  });
  outputs.forEach(({ source }, k) => {
    if (source) connect(source, inputs.length + inner.boxes.length + k);
  });
  return { boxes, edges: [...edges.values()], hidden };
}
