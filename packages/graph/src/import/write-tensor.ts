import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { DataArray } from "../dtype.ts";
import { UnsupportedError } from "../errors.ts";
import type { ArrayValue } from "../runtime/runtime.ts";
import { bytesField, type Pieces } from "./rewrite-fields.ts";

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/** The bits of the nearest IEEE 754 half, ties to even. */
function halfBits(value: number): number {
  scratch[0] = value;
  const sign = (scratchBits[0] >>> 16) & 0x8000;
  const size = Math.abs(scratch[0]);
  if (Number.isNaN(size)) return sign | 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  // Below the smallest normal number the spacing is 2^-24; above it 1024 numbers lie between powers of two.
  const exponent = Math.max(-14, ((scratchBits[0] >>> 23) & 255) - 127);
  const steps = roundToEven(size * 2 ** (10 - exponent));
  return sign | (((exponent + 14) << 10) + steps);
}

function roundToEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

/** The upper half of the bits of the nearest float32 whose lower half is 0, ties to even. */
function brainBits(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0];
  if (Number.isNaN(value)) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The bytes of floating-point numbers in an ONNX element type: those of the array itself where it has that type. */
function floatBytes(data: DataArray, elementType: number): Uint8Array {
  const own = elementType === 1 ? data instanceof Float32Array : data instanceof Float64Array;
  if (own && (elementType === 1 || elementType === 11)) return bytesOf(data);
  const numbers = data instanceof BigInt64Array ? Float64Array.from(data, Number) : data;
  switch (elementType) {
    case 1:
      return bytesOf(Float32Array.from(numbers));
    case 10:
      return bytesOf(Uint16Array.from(numbers, halfBits));
    case 11:
      return bytesOf(Float64Array.from(numbers));
    case 16:
      return bytesOf(Uint16Array.from(numbers, brainBits));
    default:
      throw new UnsupportedError(`parameters of the ONNX element type ${elementType} cannot be replaced`);
  }
}

/** A TensorProto of floating-point numbers, stored in the file, rounded to the element type. */
export function tensorProto(
  name: string,
  elementType: number,
  { shape, data }: Pick<ArrayValue, "shape" | "data">,
): Pieces {
  return rawTensorProto(name, elementType, shape, floatBytes(data, elementType));
}

/** A TensorProto of elements in the bytes that ONNX stores them in. */
export function rawTensorProto(
  name: string,
  elementType: number,
  shape: readonly number[],
  raw: Uint8Array,
): Pieces {
  const writer = new BinaryWriter();
  for (const size of shape) writer.tag(1, WireType.Varint).int64(size);
  writer.tag(2, WireType.Varint).int32(elementType);
  writer.tag(8, WireType.LengthDelimited).string(name);
  return [writer.finish(), ...bytesField(9, raw)];
}

/** An AttributeProto of float32 numbers. */
export function floatsProto(name: string, values: readonly number[]): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).string(name);
  for (const value of values) writer.tag(7, WireType.Bit32).float(value);
  writer.tag(20, WireType.Varint).int32(6);
  return writer.finish();
}
