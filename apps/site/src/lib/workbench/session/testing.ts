import type { TuneSettings } from "../protocol.ts";

/** A file as a browser gives it. */
export const fileOf = (bytes: Uint8Array<ArrayBuffer> | string, name = "m.onnx") => new File([bytes], name);
/** Takes progress and says nothing. */
export const silent = () => undefined;

/** A file of NumPy's `save`, of doubles. */
export function npy(shape: readonly number[], values: ArrayLike<number>, name: string): File {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${shape.map((n) => `${n},`).join("")})}\n`;
  const magic = [0x93, ...Buffer.from("NUMPY"), 1, 0, header.length % 256, header.length >> 8];
  return new File([Uint8Array.from(magic), header, Float64Array.from(values)], name);
}

/** How the sample is tuned, but for what a test says. */
export const settings: TuneSettings = {
  loss: "cross-entropy",
  train: "all",
  freeze: [],
  optimizer: "adam",
  learningRate: 0.002,
  epochs: 3,
  batchSize: 32,
  heldOut: 0.2,
  seed: 1,
  examples: [],
};

/** The signal of what is not stopped. */
export const never = new AbortController().signal;
