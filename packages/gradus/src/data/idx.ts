import { DataError } from "../check/errors.ts";
import { checkOptions } from "../check/options.ts";
import { type ByteSource, byteChunks, type ReadingOptions, readingOptions } from "./byte-source.ts";

/** The six number types of IDX files. */
export type IdxValues = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** An array of numbers with its shape. */
export interface IdxArray {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: IdxValues;
}

interface ValueType {
  readonly bytes: number;
  read(view: DataView, count: number): IdxValues;
}

/** A value type that is read from big-endian numbers. */
function bigEndian<A extends IdxValues>(
  bytes: number,
  make: (count: number) => A,
  get: (view: DataView, at: number) => number,
): ValueType {
  return {
    bytes,
    read(view, count) {
      const values = make(count);
      for (let i = 0; i < count; i++) values[i] = get(view, i * bytes);
      return values;
    },
  };
}

const types: Readonly<Record<number, ValueType>> = {
  8: { bytes: 1, read: (view, count) => new Uint8Array(view.buffer, view.byteOffset, count).slice() },
  9: bigEndian(
    1,
    (count) => new Int8Array(count),
    (view, at) => view.getInt8(at),
  ),
  11: bigEndian(
    2,
    (count) => new Int16Array(count),
    (view, at) => view.getInt16(at),
  ),
  12: bigEndian(
    4,
    (count) => new Int32Array(count),
    (view, at) => view.getInt32(at),
  ),
  13: bigEndian(
    4,
    (count) => new Float32Array(count),
    (view, at) => view.getFloat32(at),
  ),
  14: bigEndian(
    8,
    (count) => new Float64Array(count),
    (view, at) => view.getFloat64(at),
  ),
};

interface Header {
  readonly type: ValueType;
  readonly shape: readonly number[];
  readonly count: number;
  /** Length of the header and of the whole file, in bytes. */
  readonly length: number;
  readonly total: number;
}

const headerLength = (bytes: Uint8Array): number => 4 + 4 * bytes[3];

function parseHeader(bytes: Uint8Array, name: string): Header {
  if (bytes.length < 4)
    throw new DataError(`${name}: the header must have at least 4 bytes, got ${bytes.length}`);
  const [first, second, code, dimensions] = bytes;
  const type = types[code];
  if (first !== 0 || second !== 0 || type === undefined || dimensions === 0) {
    const got = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new DataError(
      `${name}: the first bytes must be 00 00, a type (08, 09, 0b, 0c, 0d or 0e) and the number of dimensions, got ${got}`,
    );
  }
  const length = headerLength(bytes);
  if (bytes.length < length)
    throw new DataError(
      `${name}: the header of ${dimensions} dimensions must have ${length} bytes, got ${bytes.length}`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const count = shape.reduce((product, size) => product * size, 1);
  return { type, shape, count, length, total: length + count * type.bytes };
}

function wrongLength(name: string, { shape, total }: Header, got: number): DataError {
  const what = got < total ? "is truncated" : "has extra bytes at the end";
  return new DataError(
    `${name} ${what}: shape ${shape.join(" x ")} needs ${total} bytes in total, got ${got}`,
  );
}

/** @throws DataError where an array cannot be as long as the header says */
function spaceFor({ shape, total }: Header, name: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(total);
  } catch {
    throw new DataError(
      `${name}: shape ${shape.join(" x ")} needs ${total} bytes in total, more than an array can have here`,
    );
  }
}

/**
 * Parses the IDX format of the MNIST files: two zero bytes, the type (08 unsigned bytes, 09 signed bytes, 0b 16-bit and
 * 0c 32-bit integers, 0d float32, 0e float64), the number of dimensions, each dimension as a big-endian 32-bit integer,
 * then the values, big-endian.
 * Source: LeCun, Cortes & Burges, the MNIST database, "File formats".
 *
 * @param options.name the name of the file in error messages
 * @throws ArgumentError for an unknown option
 * @throws DataError when the first four bytes are not those of an IDX file, when the length does not match the header,
 *   or naming the position of a floating-point value that is not finite
 */
export function parseIdx(bytes: Uint8Array, options: { name?: string } = {}): IdxArray {
  checkOptions("parseIdx", options, ["name"]);
  const { name = "IDX" } = options;
  const header = parseHeader(bytes, name);
  if (bytes.length !== header.total) throw wrongLength(name, header, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset + header.length, bytes.length - header.length);
  const values = header.type.read(view, header.count);
  const wrong =
    values instanceof Float32Array || values instanceof Float64Array
      ? values.findIndex((v) => !Number.isFinite(v))
      : -1;
  if (wrong >= 0)
    throw new DataError(
      `${name}, byte ${header.length + wrong * header.type.bytes}: value ${wrong} must be finite, got ${values[wrong]}`,
    );
  return { shape: header.shape, values };
}

/**
 * Reads the IDX format from a stream, gzip-compressed or plain, with memory for the content and one chunk; otherwise
 * like `parseIdx`.
 *
 * @throws ArgumentError for an unknown option
 * @throws DataError when compressed bytes are corrupt or truncated, or the header announces more bytes than an array can
 *   have; what `parseIdx` throws
 * @throws the signal's reason on abort
 */
export async function readIdx(
  source: ByteSource,
  options: { name?: string } & ReadingOptions = {},
): Promise<IdxArray> {
  checkOptions("readIdx", options, ["name", ...readingOptions]);
  const { name = "IDX" } = options;
  let content = new Uint8Array();
  let received = 0;
  let header: Header | undefined;
  for await (const chunk of byteChunks(source, options)) {
    if (header === undefined) {
      const start = new Uint8Array(received + chunk.length);
      start.set(content.subarray(0, received));
      start.set(chunk, received);
      content = start;
      received = start.length;
      if (received < 4 || received < headerLength(start)) continue;
      header = parseHeader(start, name);
      if (received > header.total) throw wrongLength(name, header, received);
      content = spaceFor(header, name);
      content.set(start);
      continue;
    }
    if (received + chunk.length > header.total) throw wrongLength(name, header, received + chunk.length);
    content.set(chunk, received);
    received += chunk.length;
  }
  return parseIdx(content.subarray(0, received), { name });
}
