import type { OpenedModel } from "./protocol.ts";

const count = (number: number, one: string, many = `${one}s`) =>
  `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;

/** Bytes as words: `41 kB`, `1.2 MB`. */
export function sizeWords(bytes: number): string {
  if (bytes < 1000) return count(bytes, "byte");
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** A count of operations as words: `860`, `152 thousand`, `4.1 billion`. */
function roundCount(number: number): string {
  for (const [size, word] of [
    [1e9, "billion"],
    [1e6, "million"],
    [1e3, "thousand"],
  ] as const)
    if (number >= size) return `${Number((number / size).toPrecision(number / size < 10 ? 2 : 3))} ${word}`;
  return String(number);
}

/** What a model is made of, in a line: size, operator set, parameters, operators, cost. */
export function modelFacts({ bytes, graph, inspection }: OpenedModel): string[] {
  const facts = [sizeWords(bytes)];
  if (inspection) {
    const { opset, producer, parameters, operations } = inspection;
    const total = parameters.reduce((sum, { numbers }) => sum + numbers, 0);
    const frozen = parameters.reduce((sum, one) => sum + (one.frozen ? one.numbers : 0), 0);
    const trained =
      total === 0
        ? ""
        : frozen === 0
          ? ", all trainable"
          : `, ${(total - frozen).toLocaleString("en-US")} trainable`;
    facts.push(
      `${producer === "" ? "" : `${producer}, `}opset ${opset}`,
      `${count(total, "parameter")}${trained}`,
      count(graph.nodes.length, "operator"),
    );
    if (operations !== null && operations > 0) facts.push(`${roundCount(operations)} operations a row`);
  } else facts.push(count(graph.nodes.length, "operator"));
  return facts;
}
