import { type BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { allocate, type DataArray, type DType } from "../dtype.ts";
import { InputError, UnsupportedError } from "../errors.ts";
import { readFields, readRepeated } from "../onnx/fields.ts";
import { sizeOfShape } from "../shape.ts";

/** A tensor as a model's file holds it, not yet decoded. */
export interface StoredTensor {
  readonly name: string;
  readonly elementType: number;
  readonly shape: readonly number[];
  readonly raw?: Uint8Array;
  readonly floats: readonly number[];
  readonly doubles: readonly number[];
  readonly ints: readonly number[];
  readonly longs: readonly bigint[];
  /** How many elements are text. */
  readonly texts: number;
  /** Where the elements are in another file. */
  readonly external?: ReadonlyMap<string, string>;
}

/** The number of an IEEE 754 half: sign, 5 bits of exponent, 10 of fraction. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** The number whose float32 begins with these bits. */
function brainOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0];
}

/** The half of a byte at half a byte's place, of which the lower one comes first. */
function nibble(view: DataView, at: number): number {
  const byte = view.getUint8(Math.floor(at));
  return at % 1 === 0 ? byte & 15 : byte >> 4;
}

/** An element type of ONNX: its name, its size in bytes, and the element type that holds its values here. */
interface ElementType {
  readonly name: string;
  readonly bytes: number;
  readonly dtype: DType;
  readonly get: (view: DataView, at: number) => number | bigint;
}

const elementTypes: Readonly<Record<number, ElementType>> = {
  1: { name: "float", bytes: 4, dtype: "f32", get: (v, i) => v.getFloat32(i, true) },
  2: { name: "uint8", bytes: 1, dtype: "i64", get: (v, i) => v.getUint8(i) },
  3: { name: "int8", bytes: 1, dtype: "i64", get: (v, i) => v.getInt8(i) },
  4: { name: "uint16", bytes: 2, dtype: "i64", get: (v, i) => v.getUint16(i, true) },
  5: { name: "int16", bytes: 2, dtype: "i64", get: (v, i) => v.getInt16(i, true) },
  6: { name: "int32", bytes: 4, dtype: "i64", get: (v, i) => v.getInt32(i, true) },
  7: { name: "int64", bytes: 8, dtype: "i64", get: (v, i) => v.getBigInt64(i, true) },
  9: { name: "bool", bytes: 1, dtype: "bool", get: (v, i) => (v.getUint8(i) ? 1 : 0) },
  10: { name: "float16", bytes: 2, dtype: "f32", get: (v, i) => halfOf(v.getUint16(i, true)) },
  11: { name: "double", bytes: 8, dtype: "f64", get: (v, i) => v.getFloat64(i, true) },
  12: { name: "uint32", bytes: 4, dtype: "i64", get: (v, i) => v.getUint32(i, true) },
  13: { name: "uint64", bytes: 8, dtype: "i64", get: (v, i) => v.getBigUint64(i, true) },
  16: { name: "bfloat16", bytes: 2, dtype: "f32", get: (v, i) => brainOf(v.getUint16(i, true)) },
};

/** Element types that only stored tensors have: the runtime takes and gives none of them. */
const storedTypes: Readonly<Record<number, ElementType>> = {
  ...elementTypes,
  21: { name: "uint4", bytes: 0.5, dtype: "i64", get: nibble },
  22: { name: "int4", bytes: 0.5, dtype: "i64", get: (v, i) => ((nibble(v, i) + 8) % 16) - 8 },
};

/** Element types of floating-point numbers: float, float16, double and bfloat16. */
export const floats: ReadonlySet<number> = new Set([1, 10, 11, 16]);

/** Names of the element types that no element type here holds. */
const others: Readonly<Record<number, string>> = {
  8: "string",
  14: "complex64",
  15: "complex128",
  17: "float8e4m3fn",
  18: "float8e4m3fnuz",
  19: "float8e5m2",
  20: "float8e5m2fnuz",
  21: "uint4",
  22: "int4",
  23: "float4e2m1",
};

/**
 * The element type here that holds the values of an ONNX element type: all integers become i64, numbers of 16 bits f32.
 *
 * @throws UnsupportedError for text, complex numbers, and numbers of 4 bits or floating-point ones of 8
 */
export function dtypeOfElement(what: string, elementType: number): DType {
  const known = elementTypes[elementType];
  if (!known)
    throw new UnsupportedError(
      `importOnnx: ${what} has the ONNX element type ${others[elementType] ?? elementType}; supported: ${Object.values(
        elementTypes,
      )
        .map(({ name }) => name)
        .join(", ")}`,
    );
  return known.dtype;
}

/** Reads a tensor without decoding its elements. */
export function readTensor(bytes: Uint8Array): StoredTensor {
  const shape: number[] = [];
  const floats: number[] = [];
  const doubles: number[] = [];
  const ints: number[] = [];
  const longs: bigint[] = [];
  const external = new Map<string, string>();
  let name = "";
  let elementType = 0;
  let raw: Uint8Array | undefined;
  let elsewhere = false;
  let texts = 0;
  const longOf = (one: BinaryReader) => BigInt(one.int64());
  readFields(bytes, {
    1: (r, wire) => readRepeated(r, wire, shape, (one) => Number(one.int64())),
    2: (r) => {
      elementType = r.int32();
    },
    4: (r, wire) => readRepeated(r, wire, floats, (one) => one.float()),
    5: (r, wire) => readRepeated(r, wire, ints, (one) => one.int32()),
    6: (r, wire) => {
      r.skip(wire);
      texts += 1;
    },
    7: (r, wire) => readRepeated(r, wire, longs, longOf),
    8: (r) => {
      name = r.string();
    },
    9: (r, wire) => {
      if (wire === WireType.LengthDelimited) raw = r.bytes();
      else r.skip(wire);
    },
    10: (r, wire) => readRepeated(r, wire, doubles, (one) => one.double()),
    11: (r, wire) => readRepeated(r, wire, longs, (one) => BigInt(one.uint64())),
    13: (r) => {
      let [key, value] = ["", ""];
      readFields(r.bytes(), {
        1: (pair) => {
          key = pair.string();
        },
        2: (pair) => {
          value = pair.string();
        },
      });
      external.set(key, value);
    },
    14: (r) => {
      elsewhere = r.int32() === 1;
    },
  });
  return {
    name,
    elementType,
    shape,
    raw,
    floats,
    doubles,
    ints,
    longs,
    texts,
    external: elsewhere ? external : undefined,
  };
}

/** The files that hold tensors outside the model's file, by their names relative to it. */
export type ExternalData = Readonly<Record<string, Uint8Array>>;

/** The part of another file that holds a tensor's elements. */
export function externalBytes(
  what: string,
  place: ReadonlyMap<string, string>,
  files: ExternalData,
): Uint8Array {
  const location = place.get("location") ?? "";
  const file = Object.hasOwn(files, location) ? files[location] : undefined;
  if (!file)
    throw new InputError(
      `importOnnx: ${what} is stored in ${JSON.stringify(location)}, which is not among the files of the option external (${Object.keys(files).join(", ") || "none"})`,
    );
  const offset = Number(place.get("offset") ?? 0);
  const length = Number(place.get("length") ?? file.length - offset);
  const within = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!within || offset + length > file.length)
    throw new UnsupportedError(
      `importOnnx: ${what} is bytes ${offset} to ${offset + length} of ${JSON.stringify(location)}, which has ${file.length} bytes`,
    );
  return file.subarray(offset, offset + length);
}

/** ONNX's number for text. */
const TEXT = 8;

/**
 * The elements of a tensor; text is given by its place in the tensor, since only its choice is computed.
 *
 * @throws UnsupportedError for another element type, a negative dimension, or fewer or more elements than the shape has
 * @throws InputError when the tensor is in a file that was not given
 */
export function decodeTensor(what: string, tensor: StoredTensor, files: ExternalData): DataArray {
  const { elementType, shape, floats, doubles, ints, longs, texts } = tensor;
  if (!shape.every((d) => Number.isSafeInteger(d) && d >= 0))
    throw new UnsupportedError(`importOnnx: ${what} has the shape [${shape.join(", ")}]`);
  const size = sizeOfShape(shape);
  if (elementType === TEXT && texts === size)
    return BigInt64Array.from({ length: size }, (_, i) => BigInt(i));
  const dtype = storedTypes[elementType]?.dtype ?? dtypeOfElement(what, elementType);
  const { bytes: width, get } = storedTypes[elementType];
  // Two numbers of 4 bits are a byte, which the typed list of integers holds, too.
  const pairs = width < 1 && ints.length > 0 ? Uint8Array.from(ints) : undefined;
  const raw = tensor.external ? externalBytes(what, tensor.external, files) : (tensor.raw ?? pairs);
  const typed = [floats, doubles, ints, longs].find((list) => list.length > 0) ?? [];
  const given = raw ? raw.length / width : typed.length;
  const present = width < 1 && given === size + 1 ? size : given;
  // Checked before anything of the claimed size is allocated.
  if (present !== size)
    throw new UnsupportedError(
      `importOnnx: ${what} of shape [${shape.join(", ")}] needs ${size} elements, the file has ${present}`,
    );
  const data = allocate(dtype, size);
  const view = raw && new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  // Numbers of 16 bits are stored as integers that hold their bits.
  const half = width === 2 && dtype === "f32";
  const bits = new DataView(new ArrayBuffer(2));
  const at = (i: number) => {
    if (view) return get(view, i * width);
    if (!half) return typed[i];
    bits.setUint16(0, Number(typed[i]), true);
    return get(bits, 0);
  };
  if (data instanceof BigInt64Array) for (let i = 0; i < size; i++) data[i] = BigInt(at(i));
  else if (raw && dtype !== "bool" && !half) new Uint8Array(data.buffer).set(raw);
  else for (let i = 0; i < size; i++) data[i] = Number(at(i));
  return data;
}
