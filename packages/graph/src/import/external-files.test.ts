import { expect, test } from "vitest";
import { externalFiles } from "./external-files.ts";

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];

/** A field of protocol buffers that holds bytes, and others. */
function field(number: number, ...fields: readonly (readonly number[])[]): number[] {
  const body = fields.flat();
  return [...varint(8 * number + 2), ...varint(body.length), ...body];
}

const text = (number: number, value: string) => field(number, [...new TextEncoder().encode(value)]);

/** A tensor's `external_data` and its `data_location`: 0 in the file, 1 outside. */
const tensor = (location: string, apart = 1) => [
  ...field(13, text(1, "offset"), text(2, "0")),
  ...field(13, text(1, "location"), text(2, location)),
  ...varint(8 * 14),
  apart,
];

const model = (...graph: readonly number[][]) => Uint8Array.from(field(7, ...graph));
const node = (...attribute: readonly number[][]) => field(1, field(5, ...attribute));

// The numbers of the fields are those of onnx.proto.
test.each([
  ["an initializer", model(field(5, tensor("w")))],
  ["the values of a sparse initializer", model(field(15, field(1, tensor("w"))))],
  ["the indices of a sparse initializer", model(field(15, field(2, tensor("w"))))],
  ["an attribute", model(node(field(5, tensor("w"))))],
  ["a list in an attribute", model(node(field(10, tensor("w"))))],
  ["a sparse attribute", model(node(field(22, field(1, tensor("w")))))],
  ["a graph in an attribute", model(node(field(6, field(5, tensor("w")))))],
  ["a list of graphs in an attribute", model(node(field(11, field(5, tensor("w")))))],
  ["a graph in a graph", model(node(field(6, node(field(6, field(5, tensor("w")))))))],
  ["a function", Uint8Array.from(field(25, field(7, field(5, field(5, tensor("w"))))))],
])("finds the file of %s", (_, bytes) => {
  expect(externalFiles(bytes)).toEqual(["w"]);
});

test("names each file once, and none of a tensor whose numbers are in the model", () => {
  const tensors = [tensor("b"), tensor("a"), tensor("b"), tensor("c", 0)];
  expect(externalFiles(model(...tensors.map((one) => field(5, one))))).toEqual(["b", "a"]);
});
