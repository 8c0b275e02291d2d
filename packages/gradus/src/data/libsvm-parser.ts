import { DataError } from "../check/errors.ts";
import type { CsrMatrix } from "../linalg/sparse/csr.ts";

/** Sparse rows, each with a label. */
export interface SparseLabeledRows {
  /** n x d in compressed sparse rows, one feature per column. */
  readonly x: CsrMatrix;
  /** The label or target of each row, as in the file. */
  readonly y: Float64Array;
}

export interface LibsvmOptions {
  /** Whether feature indices start at 0 instead of 1. */
  readonly zeroBased?: boolean;
  /** Number of features; defaults to the largest index in the file. */
  readonly dimension?: number;
  /** Name of the file in error messages. */
  readonly name?: string;
}

const LINE_FEED = 10;
const TAB = 9;
const RETURN = 13;
const SPACE = 32;
const HASH = 35;
const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const COLON = 58;
const LOWER = 0x20;
const E = 101;
/** "qid:" */
const QUERY = [113, 105, 100, COLON];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const LARGEST_INDEX = 2 ** 31 - 1;
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));

const isBlank = (c: number): boolean => c === SPACE || c === TAB || c === RETURN;
const isEnd = (c: number): boolean => c === LINE_FEED || c === HASH;

/** The end of the number read last. */
let cursor = 0;

/**
 * The decimal number at `start`, correctly rounded; NaN if there is none. With up to 15 digits and 22 powers of ten
 * both factors are exact, so one multiplication or division rounds once; otherwise JavaScript converts the text.
 */
function readNumber(bytes: Uint8Array, start: number): number {
  let p = start;
  let c = bytes[p];
  const negative = c === MINUS;
  if (negative || c === PLUS) c = bytes[++p];
  let mantissa = 0;
  let digits = 0;
  let exponent = 0;
  let any = false;
  for (; c >= ZERO && c < ZERO + 10; c = bytes[++p]) {
    any = true;
    mantissa = mantissa * 10 + (c - ZERO);
    if (mantissa !== 0) digits += 1;
  }
  if (c === POINT)
    for (c = bytes[++p]; c >= ZERO && c < ZERO + 10; c = bytes[++p]) {
      any = true;
      exponent -= 1;
      mantissa = mantissa * 10 + (c - ZERO);
      if (mantissa !== 0) digits += 1;
    }
  cursor = p;
  if (!any) return Number.NaN;
  if ((c | LOWER) === E) {
    c = bytes[++p];
    const down = c === MINUS;
    if (down || c === PLUS) c = bytes[++p];
    const first = p;
    let power = 0;
    for (; c >= ZERO && c < ZERO + 10; c = bytes[++p]) power = Math.min(power * 10 + (c - ZERO), 100_000);
    if (p === first) return Number.NaN;
    exponent += down ? -power : power;
    cursor = p;
  }
  if (digits > EXACT_DIGITS || exponent > 22 || exponent < -22)
    return Number(String.fromCharCode(...bytes.subarray(start, cursor)));
  const size = exponent < 0 ? mantissa / POWERS_OF_TEN[-exponent] : mantissa * POWERS_OF_TEN[exponent];
  return negative ? -size : size;
}

function found(bytes: Uint8Array, at: number): string {
  if (bytes[at] === LINE_FEED || bytes[at] === HASH || (bytes[at] === RETURN && bytes[at + 1] === LINE_FEED))
    return "the end of the line";
  let end = at + 1;
  while (end < bytes.length && !isBlank(bytes[end]) && bytes[end] !== LINE_FEED) end += 1;
  const token = new TextDecoder().decode(bytes.subarray(at, Math.min(end, at + 24)));
  return `"${token}${end > at + 24 ? "..." : ""}"`;
}

// `transfer` can resize an array without a copy
function resizedFloats(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  return new Float64Array(array.buffer.transfer(length * 8));
}

function resizedIntegers(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  return new Int32Array(array.buffer.transfer(length * 4));
}

/** Parses whole lines, in order, and returns the rows at the end. */
export interface LibsvmParser {
  /** Reads lines; the bytes must end in a line feed. */
  lines(bytes: Uint8Array): void;
  finish(): SparseLabeledRows;
}

/** A parser for one file; `expectedBytes` sizes its arrays. */
export function libsvmParser(
  { zeroBased = false, dimension = LARGEST_INDEX, name = "LIBSVM" }: LibsvmOptions,
  expectedBytes: number,
): LibsvmParser {
  const base = zeroBased ? 0 : 1;
  let labels = new Float64Array(1024);
  let rowPointers = new Int32Array(1025);
  let columns = new Int32Array(Math.max(1024, expectedBytes >> 2));
  let values = new Float64Array(columns.length);
  let rows = 0;
  let entries = 0;
  let line = 0;
  let width = 0;

  function lines(bytes: Uint8Array): void {
    let indices = columns;
    let numbers = values;
    let count = entries;
    let p = line === 0 && BYTE_ORDER_MARK.every((byte, k) => bytes[k] === byte) ? BYTE_ORDER_MARK.length : 0;
    let lineStart = 0;
    const fail = (at: number, wanted: string): never => {
      const got = found(bytes, at);
      throw new DataError(
        `${name}, line ${line}, column ${at - lineStart + 1}: expected ${wanted}, got ${got}`,
      );
    };
    while (p < bytes.length) {
      line += 1;
      lineStart = p;
      while (isBlank(bytes[p])) p += 1;
      if (isEnd(bytes[p])) {
        while (bytes[p] !== LINE_FEED) p += 1;
        p += 1;
        continue;
      }
      const label = readNumber(bytes, p);
      if (!Number.isFinite(label)) fail(p, "a finite number as label");
      p = cursor;
      if (!isBlank(bytes[p]) && !isEnd(bytes[p])) fail(p, "a space after the label");
      let previous = base - 1;
      for (;;) {
        let c = bytes[p];
        while (c === SPACE || c === TAB || c === RETURN) c = bytes[++p];
        if (c === LINE_FEED || c === HASH) break;
        const at = p;
        let index = 0;
        for (; c >= ZERO && c < ZERO + 10; c = bytes[++p]) index = index * 10 + (c - ZERO);
        if (p === at)
          fail(
            at,
            QUERY.every((letter, k) => bytes[at + k] === letter)
              ? "index:value (qid:, the query of a row in ranking, is not read: remove it)"
              : "index:value",
          );
        if (c !== COLON) fail(p, "a colon after the feature index");
        if (index < base)
          fail(at, "a feature index of at least 1 (pass zeroBased: true if indices start at 0)");
        if (index <= previous) fail(at, `an index above ${previous}, in ascending order`);
        if (index - base >= dimension) fail(at, `an index of at most ${dimension + base - 1}`);
        p += 1;
        const value = readNumber(bytes, p);
        if (!Number.isFinite(value)) fail(p, "a finite number as value");
        p = cursor;
        if (!isBlank(bytes[p]) && !isEnd(bytes[p])) fail(p, "a space after the value");
        if (count === indices.length) {
          indices = columns = resizedIntegers(columns, 2 * count);
          numbers = values = resizedFloats(values, 2 * count);
        }
        indices[count] = index - base;
        numbers[count] = value;
        count += 1;
        previous = index;
      }
      while (bytes[p] !== LINE_FEED) p += 1;
      p += 1;
      if (rows === labels.length) {
        labels = resizedFloats(labels, 2 * rows);
        rowPointers = resizedIntegers(rowPointers, 2 * rows + 1);
      }
      labels[rows] = label;
      rows += 1;
      rowPointers[rows] = count;
      if (previous - base + 1 > width) width = previous - base + 1;
    }
    entries = count;
  }

  return {
    lines,
    finish() {
      if (rows === 0) throw new DataError(`${name} has no rows`);
      const d = dimension === LARGEST_INDEX ? width : dimension;
      const x: CsrMatrix = {
        rows,
        columns: d,
        rowPointers: resizedIntegers(rowPointers, rows + 1),
        columnIndices: resizedIntegers(columns, entries),
        values: resizedFloats(values, entries),
      };
      return { x, y: resizedFloats(labels, rows) };
    },
  };
}
