import { expect, test } from "vitest";
import { array, toNumbers } from "../arrays.ts";
import { compile } from "../compile.ts";
import { f32 } from "../tensor.ts";
import { importOnnx } from "./import-onnx.ts";
import { expectAgreement, fed, fileOf, type NodeUnderTest, stored, wave } from "./node-testing.ts";

/** Signals of the first half of the frequencies along axis 1, of a length; its own where none is given. */
const inverse = (frequencies: number, length: number | null): NodeUnderTest => ({
  opType: "DFT",
  domain: "",
  opset: 17,
  attributes: { axis: 1, inverse: 1, onesided: 1 },
  inputs: [
    fed("float32", [2, frequencies, 2], wave(1, 2)),
    length === null ? null : stored("int64", [], [length]),
  ],
  outputs: ["float32"],
});

test.each([
  [5, 8],
  [4, 7],
  [5, null],
])("%i one-sided frequencies become signals of length %s as in ONNX Runtime", async (frequencies, length) => {
  await expectAgreement(inverse(frequencies, length));
});

test("as many one-sided frequencies as do not belong to the length are refused", async () => {
  const model = importOnnx(fileOf(inverse(6, 8)));
  const specs = Object.fromEntries(model.inputs.map(({ name, spec }) => [name, spec]));
  await expect(compile((inputs) => model.apply(inputs), specs)).rejects.toThrow(
    "one-sided frequencies of 8 numbers must be 5, got 6",
  );
});

test.each([8, 7])("one-sided frequencies of a real signal of length %i give it again", async (length) => {
  const frequencies = Math.floor(length / 2) + 1;
  const signal = Array.from({ length }, (_, n) => Math.sin(1 + 2 * n) + 0.3 * n);
  const parts = Array.from({ length: frequencies }, (_, k) =>
    [Math.cos, Math.sin].map((part, i) =>
      signal.reduce((sum, x, n) => sum + (i ? -1 : 1) * x * part((2 * Math.PI * k * n) / length), 0),
    ),
  );
  const one = inverse(frequencies, length);
  const model = importOnnx(
    fileOf({ ...one, inputs: [fed("float32", [1, frequencies, 2], []), one.inputs[1]] }),
  );
  const [{ name }] = model.inputs;
  await using program = await compile(
    (x) => model.apply({ [name]: x })[model.outputs[0]],
    f32(1, frequencies, 2),
  );
  const y = await program.run(array(Float32Array.from(parts.flat()), [1, frequencies, 2]));
  expect(y.shape).toEqual([1, length, 1]);
  toNumbers(y).forEach((value, n) => void expect(value).toBeCloseTo(signal[n], 4));
});
