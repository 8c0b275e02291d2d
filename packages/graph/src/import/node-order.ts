import type { NodeDescription } from "./model-description.ts";

/**
 * The nodes of a graph in an order in which each comes after those whose results it reads; the order of the file where
 * that is one, or where there is none for a cycle. ONNX demands it, but ONNX Runtime takes any order, and tools that edit
 * files leave others.
 *
 * @param reads all names that a node reads, those of its bodies included
 */
export function inOrder<Node extends Pick<NodeDescription, "outputs">>(
  nodes: readonly Node[],
  reads: (node: Node) => Iterable<string>,
): readonly Node[] {
  const makers = new Map<string, number>();
  nodes.forEach(({ outputs }, i) => {
    for (const name of outputs) if (name !== "") makers.set(name, i);
  });
  const needs = nodes.map((node, i) => {
    const makersOf = [...reads(node)].flatMap((name) => makers.get(name) ?? []);
    return [...new Set(makersOf)].filter((maker) => maker !== i);
  });
  if (needs.every((own, i) => own.every((maker) => maker < i))) return nodes;
  const state = new Uint8Array(nodes.length);
  const ordered: Node[] = [];
  const [begun, done] = [1, 2];
  for (let root = 0; root < nodes.length; root++) {
    const open = [root];
    while (open.length > 0) {
      const i = open[open.length - 1];
      if (state[i] === 0) {
        state[i] = begun;
        // The last one pushed is visited first.
        for (const maker of needs[i].toReversed()) {
          if (state[maker] === begun) return nodes;
          if (state[maker] === 0) open.push(maker);
        }
        if (open[open.length - 1] !== i) continue;
      }
      open.pop();
      if (state[i] === done) continue;
      state[i] = done;
      ordered.push(nodes[i]);
    }
  }
  return ordered;
}
