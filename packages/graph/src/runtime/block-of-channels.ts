import { valueInfo } from "../onnx/emit.ts";
import { encodeModel, IR_VERSION, OPSET } from "../onnx/messages.ts";
import { BLOCKS } from "../ops/convolution-blocks.ts";
import type { OnnxRuntime } from "./onnxruntime.ts";

/** More than any processor has in a block. */
const CHANNELS = 64;
const shape = [1, CHANNELS, 1, 2];

/** Puts the channels of x in blocks. */
const ordering = {
  irVersion: IR_VERSION,
  producerName: "gradus",
  opsetImport: [
    { domain: "", version: OPSET },
    { domain: BLOCKS, version: 1 },
  ],
  graph: {
    name: "blocks",
    nodes: [{ opType: "ReorderInput", inputs: ["x"], outputs: ["y"], attributes: [], domain: BLOCKS }],
    initializers: [],
    inputs: [valueInfo("x", "f32", shape)],
    outputs: [valueInfo("y", "f32", shape)],
  },
};

/** The size of blocks by the order that they give to channels of two entries each, numbered from 0. */
export function blockIn(order: readonly number[]): number {
  return Math.max(
    1,
    order.findIndex((entry, i) => entry !== 2 * i),
  );
}

/**
 * The channels in a block of ONNX Runtime's convolutions on this processor (16 with AVX-512, 8 with AVX2); 1 where it has no
 * such convolutions.
 */
export async function blockOfChannels(ort: OnnxRuntime): Promise<number> {
  try {
    const session = await ort.InferenceSession.create(encodeModel(ordering), { logSeverityLevel: 4 });
    const x = new ort.Tensor(
      "float32",
      Float32Array.from({ length: 2 * CHANNELS }, (_, i) => i),
      shape,
    );
    const { y } = await session.run({ x });
    await session.release();
    return blockIn(Array.from(await y.getData(), Number));
  } catch {
    return 1;
  }
}
