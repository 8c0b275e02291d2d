import { expect, test } from "vitest";
import { type TunedHere, tuneCommand } from "./tune-command.ts";

const part = (name: string) =>
  ({ name, dtype: "f32", shape: [2], size: 2, source: { columns: true } }) as const;
const given: TunedHere = {
  ...{ name: "m.onnx", out: "m-tuned.onnx", input: { parts: [part("x")], features: 2 }, output: undefined },
  fields: { loss: "squared", train: "all" },
  rows: { data: "my rows.csv", target: "y" },
};

test("the command has the files, quoted for a shell", () => {
  expect(tuneCommand(given)).toBe(
    "npx gradus model tune m.onnx --data 'my rows.csv' --target y --loss squared --out m-tuned.onnx",
  );
});

test("the command says what a table leaves open", () => {
  const format = { header: false, decimal: "," } as const;
  expect(tuneCommand({ ...given, rows: { data: "r.csv", target: "3", format } })).toContain(
    "--data r.csv --target 3 --header no --decimal comma --loss",
  );
});

test("the command has what is chosen of inputs and outputs", () => {
  const rate = {
    name: "sr",
    dtype: "i64",
    shape: [],
    size: 1,
    source: { constant: 16000 },
    whole: true,
  } as const;
  const unsure = [{ name: "x", shape: ["a", "b", 2], axis: 1 }];
  const sizes = { ...rate, name: "sizes", shape: [4], size: 4, source: { constant: [1, 3, 32, 32] } };
  const input = { parts: [{ ...part("x"), rowsAxis: 1 }, rate, sizes], features: 2, unsure };
  expect(
    tuneCommand({ ...given, input, output: "z 1", fields: { loss: "cross-entropy", train: "low-rank" } }),
  ).toBe(
    "npx gradus model tune m.onnx --data 'my rows.csv' --target y --constant sr=16000 --constant sizes=1,3,32,32 --batch-axis x=1 --output-name 'z 1' --loss cross-entropy --lora 8 --out m-tuned.onnx",
  );
});

test("the command scales images alike", () => {
  const of = (scale: "unit" | "signed" | "bytes" | "imagenet") =>
    tuneCommand({ ...given, rows: { folder: "pets", scale } }).replace(/ --loss.*/, "");
  expect(of("unit")).toBe("npx gradus model tune m.onnx --data pets");
  expect(of("signed")).toBe("npx gradus model tune m.onnx --data pets --mean 0.5 --std 0.5");
  expect(of("bytes")).toContain(" --std 0.00392156862745098");
  expect(of("imagenet")).toContain("--mean 0.485,0.456,0.406 --std 0.229,0.224,0.225");
});
