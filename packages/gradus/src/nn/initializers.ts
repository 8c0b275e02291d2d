import { type ArrayValue, array, type FloatType } from "@gradus/graph";
import type { randomStream } from "../random/stream.ts";

type Stream = ReturnType<typeof randomStream>;

/** Fills the weights between `fanIn` inputs and `fanOut` outputs: an array [fanIn, fanOut]. */
export type Initializer = (stream: Stream, fanIn: number, fanOut: number, dtype: FloatType) => ArrayValue;

function filled(dtype: FloatType, rows: number, columns: number, next: () => number): ArrayValue {
  const data = dtype === "f32" ? new Float32Array(rows * columns) : new Float64Array(rows * columns);
  for (let i = 0; i < data.length; i++) data[i] = next();
  return array(data, [rows, columns]);
}

/** Normal with variance 2/fanIn, for rectified units (He et al., 2015, eq. 10). */
export const heNormal: Initializer = (stream, fanIn, fanOut, dtype) => {
  const scale = Math.sqrt(2 / fanIn);
  return filled(dtype, fanIn, fanOut, () => scale * stream.normal());
};

/** Uniform with variance 2/(fanIn + fanOut) (Glorot and Bengio, 2010, eq. 16). */
export const glorotUniform: Initializer = (stream, fanIn, fanOut, dtype) => {
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return filled(dtype, fanIn, fanOut, () => stream.uniform(-limit, limit));
};

/** All zeros: a layer whose output does not depend on its input at the start. */
export const zeroWeights: Initializer = (_, fanIn, fanOut, dtype) => filled(dtype, fanIn, fanOut, () => 0);
