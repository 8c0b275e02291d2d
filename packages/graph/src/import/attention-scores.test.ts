import { expect, test } from "vitest";
import { compile } from "../compile.ts";
import { importOnnx } from "./import-onnx.ts";
import { expectAgreement, fed, fileOf, type NodeUnderTest, stored, wave } from "./node-testing.ts";

/** Attention of opset 23 that also gives its scores, by a mode. */
const attention = (mode: number, mask: NodeUnderTest["inputs"][number]): NodeUnderTest => ({
  opType: "Attention",
  domain: "",
  opset: 23,
  attributes: { qk_matmul_output_mode: mode, softcap: { float: 2 } },
  inputs: [
    fed("float32", [2, 4, 3, 6], wave(1, 2)),
    fed("float32", [2, 2, 3, 6], wave(2, 2)),
    fed("float32", [2, 2, 3, 6], wave(3)),
    mask,
  ],
  outputs: ["float32", "float32", "float32", "float32"],
});

const biased = fed("float32", [3, 3], wave(4));
const hidden = stored("bool", [3, 3], [1, 0, 1, 1, 1, 0, 0, 1, 1]);
/** The second query sees no key. */
const blind = stored("bool", [3, 3], [1, 0, 1, 0, 0, 0, 0, 1, 1]);

test.each([0, 1, 2, 3])("scores of attention in mode %i are those of ONNX Runtime", async (mode) => {
  await expectAgreement(attention(mode, biased));
  await expectAgreement(attention(mode, hidden));
  await expectAgreement(attention(mode, blind));
});

test("a mode that is none is refused", async () => {
  const model = importOnnx(fileOf(attention(4, null)));
  const specs = Object.fromEntries(model.inputs.map(({ name, spec }) => [name, spec]));
  await expect(compile((inputs) => model.apply(inputs), specs)).rejects.toThrow(
    "qk_matmul_output_mode is 4, not 0, 1, 2 or 3",
  );
});
