import { expect, test } from "vitest";
import { missingLine } from "./transcript.ts";

const printed = "title\n\nepoch  loss\n    1  0.52\n    2  1,234.5\n\nm.onnx is done in 3 s\n";

test.each([
  ["title\n\nepoch  loss\n 1 0.5\n"],
  ["…\nepoch loss\n…\n2  1,200\n"],
  ["title\n…\nm.onnx is …\n"],
  ["…\n"],
])("what was printed is found: %j", (wanted) => {
  expect(missingLine(wanted, printed)).toBeUndefined();
});

test.each([
  ["title\nepoch  loss\n", "epoch  loss"],
  ["…\nepoch  gain\n", "epoch  gain"],
  ["…\n1  0.6\n", "1  0.6"],
  ["…\n1  0.52  3\n", "1  0.52  3"],
  ["…\n2  1,234.5\n1  0.52\n", "1  0.52"],
  ["…\nm.onnx was …\n", "m.onnx was …"],
])("what was not is told: %j", (wanted, line) => {
  expect(missingLine(wanted, printed)).toBe(line);
});
