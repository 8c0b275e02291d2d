import { isFiniteVector, type Vector } from "../vector.ts";

/** A model sent from one node to another. */
export interface ModelMessage {
  /** Identifies the training run: the same for all its nodes, different from that of any other run. */
  readonly run: number;
  readonly sender: number;
  readonly step: number;
  readonly round: number;
  readonly model: Vector;
}

/** Why bytes are not a valid model. */
export type Rejection = "size" | "header" | "run" | "sender" | "shape" | "not finite";

/** What a valid message must match. */
export interface Expectation {
  readonly run: number;
  readonly sender: number;
  readonly dimension: number;
  readonly precision: "f32" | "f64";
}

const MAGIC = 0x53445247; // "GRDS"
const VERSION = 1;
/** Bytes before the model's numbers. */
export const HEADER_BYTES = 32;

const precisions = { f32: { code: 1, bytes: 4 }, f64: { code: 2, bytes: 8 } } as const;

/** The precision of a vector's numbers. */
export function precisionOf(x: Vector): "f32" | "f64" {
  return x instanceof Float32Array ? "f32" : "f64";
}

/**
 * A model as bytes: a header of 32 bytes (magic, version, precision, run, sender, step, round, dimension, all
 * little-endian), then the numbers in the machine's byte order, which is little-endian wherever JavaScript runs today.
 */
export function encodeModel({ run, sender, step, round, model }: ModelMessage): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + model.byteLength);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, MAGIC, true);
  header.setUint8(4, VERSION);
  header.setUint8(5, precisions[precisionOf(model)].code);
  header.setUint32(8, run, true);
  header.setUint32(12, sender, true);
  header.setUint32(16, step, true);
  header.setUint32(20, round, true);
  header.setUint32(24, model.length, true);
  bytes.set(new Uint8Array(model.buffer, model.byteOffset, model.byteLength), HEADER_BYTES);
  return bytes;
}

/** Decodes a model, or returns why the bytes are not valid: wrong size, header, run, sender, shape or numbers. */
export function decodeModel(
  bytes: Uint8Array,
  { run, sender, dimension, precision }: Expectation,
): ModelMessage | Rejection {
  if (bytes.byteLength < HEADER_BYTES) return "size";
  const header = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  if (header.getUint32(0, true) !== MAGIC || header.getUint8(4) !== VERSION) return "header";
  if (header.getUint32(8, true) !== run) return "run";
  if (header.getUint32(12, true) !== sender) return "sender";
  const { code, bytes: width } = precisions[precision];
  if (header.getUint8(5) !== code || header.getUint32(24, true) !== dimension) return "shape";
  if (bytes.byteLength !== HEADER_BYTES + dimension * width) return "size";
  // A copy, since the numbers of a received buffer need not be aligned.
  const { buffer } = bytes.slice(HEADER_BYTES);
  const model = precision === "f32" ? new Float32Array(buffer) : new Float64Array(buffer);
  if (!isFiniteVector(model)) return "not finite";
  return { run, sender, step: header.getUint32(16, true), round: header.getUint32(20, true), model };
}
