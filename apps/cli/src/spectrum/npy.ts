import { SourceError } from "./source.ts";

/** An array of numbers of a file, row-major. */
export interface FileArray {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number | bigint>;
}

const MAGIC = "\u0093NUMPY";

type Reader = (view: DataView, at: number) => number | bigint;

/** Element types by NumPy's names, without their byte order: bytes of a number, and how it is read. */
const readers: Readonly<Record<string, readonly [bytes: number, read: (little: boolean) => Reader]>> = {
  f4: [4, (little) => (view, at) => view.getFloat32(at, little)],
  f8: [8, (little) => (view, at) => view.getFloat64(at, little)],
  i1: [1, () => (view, at) => view.getInt8(at)],
  i2: [2, (little) => (view, at) => view.getInt16(at, little)],
  i4: [4, (little) => (view, at) => view.getInt32(at, little)],
  i8: [8, (little) => (view, at) => view.getBigInt64(at, little)],
  u1: [1, () => (view, at) => view.getUint8(at)],
  u2: [2, (little) => (view, at) => view.getUint16(at, little)],
  u4: [4, (little) => (view, at) => view.getUint32(at, little)],
  b1: [1, () => (view, at) => view.getUint8(at)],
};

/**
 * Reads NumPy's file of one array, format 1 to 3, in row-major order.
 *
 * @param name what the file is called in errors
 * @throws SourceError when it is no such file, is cut short, holds another element type, or is column-major
 */
export function parseNpy(bytes: Uint8Array, name: string): FileArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC || bytes.length < 12)
    throw new SourceError(`${name} is not an .npy file: it does not start with the .npy magic bytes`);
  const wide = bytes[MAGIC.length] >= 2;
  const begin = MAGIC.length + 2 + (wide ? 4 : 2);
  const start = begin + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(bytes.subarray(begin, start));
  const type = /'descr'\s*:\s*'([<>|=])(\w+)'/.exec(header);
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(header);
  if (!type || !shape) throw new SourceError(`${name} has an invalid header: ${header.trim().slice(0, 80)}`);
  if (/'fortran_order'\s*:\s*True/.test(header))
    throw new SourceError(`${name} is column-major; save it with numpy.ascontiguousarray`);
  const reader = readers[type[2]];
  if (!reader)
    throw new SourceError(
      `${name} has type ${type[2]}, which is not supported; supported types: ${Object.keys(readers).join(", ")}`,
    );
  const sizes = shape[1]
    .split(",")
    .filter((part) => part.trim() !== "")
    .map(Number);
  const count = sizes.reduce((product, size) => product * size, 1);
  const [width, make] = reader;
  if (bytes.length < start + count * width)
    throw new SourceError(
      `${name} is truncated: ${sizes.join(" x ")} numbers need ${count * width} bytes, got ${bytes.length - start}`,
    );
  const read = make(type[1] !== ">");
  return { shape: sizes, values: Array.from({ length: count }, (_, i) => read(view, start + i * width)) };
}
