import { checkAttached } from "../check/arrays.ts";
import { DataError } from "../check/errors.ts";
import { checkOptions } from "../check/options.ts";
import { InexactError } from "./inexact-error.ts";

/** An array of numbers with its shape, as NumPy's `save` wrote it. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** Row-major, whichever order the file has. */
  readonly values: Float64Array;
}

const MAGIC = "\x93NUMPY";

type Reader = (view: DataView, at: number, little: boolean) => number;

/** The number of an IEEE 754 half: sign, 5 bits of exponent, 10 of fraction. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** The integer as a number; NaN where that would round it. */
function exactly(value: bigint): number {
  const number = Number(value);
  return BigInt(number) === value ? number : Number.NaN;
}

const readers: Readonly<Record<string, Reader>> = {
  f2: (view, at, little) => halfOf(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => exactly(view.getBigInt64(at, little)),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => exactly(view.getBigUint64(at, little)),
  b1: (view, at) => view.getUint8(at),
};

interface Header {
  readonly read: Reader;
  /** Of integers of any size. */
  readonly isInteger: boolean;
  readonly bytes: number;
  readonly little: boolean;
  readonly columnMajor: boolean;
  readonly shape: readonly number[];
}

const CLASS_NUMBERS = "number classes by np.unique(a, return_inverse=True)[1]";

/** What to do in NumPy with an array of another type. */
function remedyFor(type: string): string {
  if (/[<>]c\d/.test(type)) return "save .real and .imag apart";
  const convert = 'convert numbers with .astype("float64")';
  return /^'[<>|]?[USO]\d*'$/.test(type) ? `${CLASS_NUMBERS}, or ${convert}` : convert;
}

function parseHeader(text: string, name: string): Header {
  const type = /'descr':\s*'([<>|=])([a-z]\d+)'/.exec(text);
  const order = /'fortran_order':\s*(True|False)/.exec(text);
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(text);
  if (!order || !shape) throw new DataError(`${name}: the header must name descr, fortran_order and shape`);
  const read = type ? readers[type[2]] : undefined;
  if (!type || !read) {
    const got = /'descr':\s*(\[.*?\]|'[^']*')/.exec(text)?.[1] ?? "none";
    throw new DataError(
      `${name}: the numbers must be of type ${Object.keys(readers).join(", ")}, got ${got}; ${remedyFor(got)}`,
    );
  }
  return {
    read,
    isInteger: /^[iu]/.test(type[2]),
    bytes: Number(type[2].slice(1)),
    little: type[1] !== ">",
    columnMajor: order[1] === "True",
    shape: shape[1].split(",").flatMap((size) => (size.trim() === "" ? [] : [Number(size)])),
  };
}

/** Whether an array, of which `bytes` has the header, is of text or Python's objects. */
export function holdsText(bytes: Uint8Array): boolean {
  return /'descr':\s*'[<>|=]?[SUO]\d*'/.test(new TextDecoder("latin1").decode(bytes.subarray(0, 256)));
}

/** From the first index varying fastest to the last index varying fastest. */
function rowMajor(values: Float64Array, shape: readonly number[]): Float64Array<ArrayBuffer> {
  const out = new Float64Array(values.length);
  const index = new Array<number>(shape.length).fill(0);
  for (const value of values) {
    out[index.reduce((at, i, axis) => at * shape[axis] + i, 0)] = value;
    for (let axis = 0; axis < shape.length && ++index[axis] === shape[axis]; axis++) index[axis] = 0;
  }
  return out;
}

/** The index of a place in an array in row order. */
function indexOf(place: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = place;
  for (const size of shape.toReversed()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}

/**
 * Reads the NPY format of NumPy's `save`, versions 1 to 3: integers, booleans and floats of any byte order, row-major or
 * column-major, as float64.
 * Source: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
 *
 * @param options name: what the file is called in error messages
 * @throws ArgumentError for an unknown option
 * @throws DataError when the bytes are no such file or are cut off, for complex numbers, text and objects, or naming the
 *   index of a number that is not finite, or of an integer that float64 would round
 */
export function parseNpy(bytes: Uint8Array, options: { readonly name?: string } = {}): NpyArray {
  checkOptions("parseNpy", options, ["name"]);
  const { name = "NPY" } = options;
  checkAttached("bytes", bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 12 || !MAGIC.split("").every((letter, i) => bytes[i] === letter.charCodeAt(0)))
    throw new DataError(`${name}: an NPY file must begin with the bytes 93 4e 55 4d 50 59`);
  const start = bytes[6] === 1 ? 10 : 12;
  const from = start + (bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = parseHeader(new TextDecoder().decode(bytes.subarray(start, from)), name);
  const { read, isInteger, bytes: width, little, columnMajor, shape } = header;
  const count = shape.reduce((product, size) => product * size, 1);
  const wanted = from + count * width;
  if (bytes.length !== wanted)
    throw new DataError(
      `${name}: shape ${shape.join(" x ")} needs ${wanted} bytes in total, got ${bytes.length}`,
    );
  const values = new Float64Array(count);
  for (let k = 0; k < count; k++) values[k] = read(view, from + k * width, little);
  const inRows = columnMajor ? rowMajor(values, shape) : values;
  const wrong = inRows.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0 && isInteger)
    throw new InexactError(
      `${name}: the integer at [${indexOf(wrong, shape).join(", ")}] is not exact in float64, beyond 2^53; ${CLASS_NUMBERS}, or round measurements by .astype("float64")`,
    );
  if (wrong >= 0)
    throw new DataError(
      `${name}: the number at [${indexOf(wrong, shape).join(", ")}] must be finite, got ${inRows[wrong]}`,
    );
  return { shape, values: inRows };
}
