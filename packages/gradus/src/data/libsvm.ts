import { checkAttached } from "../check/arrays.ts";
import { ArgumentError } from "../check/errors.ts";
import { checkOptions } from "../check/options.ts";
import { type ByteSource, byteChunks, type ReadingOptions, readingOptions } from "./byte-source.ts";
import {
  type LibsvmOptions,
  type LibsvmParser,
  libsvmParser,
  type SparseLabeledRows,
} from "./libsvm-parser.ts";

const LINE_FEED = 10;
const encoder = new TextEncoder();

function startParser(
  of: string,
  options: LibsvmOptions,
  expectedBytes: number,
  others: readonly string[] = [],
): LibsvmParser {
  checkOptions(of, options, ["zeroBased", "dimension", "name", ...others]);
  const { dimension } = options;
  if (dimension !== undefined && !(Number.isInteger(dimension) && dimension >= 1 && dimension < 2 ** 31))
    throw new ArgumentError(`dimension must be an integer in 1 .. 2^31 - 1, got ${dimension}`);
  return libsvmParser(options, expectedBytes);
}

function withLineFeed(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = new Uint8Array(length + 1);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  joined[length] = LINE_FEED;
  return joined;
}

/**
 * Parses the LIBSVM format, one row per line:
 *
 *     label index:value index:value ...      # a comment
 *
 * with ascending indices from 1. Lines end in LF or CR LF, optional after the last line; empty lines and comments are
 * skipped, as is a byte order mark; stored zeros are kept. Labels are returned as in the file.
 * Source: Chang & Lin 2011, "LIBSVM: a library for support vector machines", README, "svm-train usage".
 *
 * @throws DataError when there are no rows, or naming the line and column (in bytes, from 1) of malformed input
 * @throws ArgumentError when `dimension` is not a positive integer, or for an unknown option
 */
export function parseLibsvm(content: Uint8Array | string, options: LibsvmOptions = {}): SparseLabeledRows {
  checkAttached("content", content);
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  const parser = startParser("parseLibsvm", options, bytes.length);
  const end = bytes.lastIndexOf(LINE_FEED) + 1;
  parser.lines(bytes.subarray(0, end));
  if (end < bytes.length) parser.lines(withLineFeed(bytes.subarray(end)));
  return parser.finish();
}

/**
 * Reads the LIBSVM format from a stream, gzip-compressed or plain, without holding the text in memory; otherwise like
 * `parseLibsvm`. The result takes 12 bytes per entry, and up to three times that while its arrays grow.
 *
 * @throws DataError when compressed bytes are corrupt or truncated; what `parseLibsvm` throws
 * @throws the signal's reason on abort
 */
export async function readLibsvm(
  source: ByteSource,
  options: LibsvmOptions & ReadingOptions = {},
): Promise<SparseLabeledRows> {
  const parser = startParser("readLibsvm", options, 0, readingOptions);
  let rest: Uint8Array[] = [];
  for await (const chunk of byteChunks(source, options)) {
    const end = chunk.lastIndexOf(LINE_FEED);
    if (end < 0) {
      rest.push(chunk.slice());
      continue;
    }
    let start = 0;
    if (rest.length > 0) {
      start = chunk.indexOf(LINE_FEED) + 1;
      parser.lines(withLineFeed(...rest, chunk.subarray(0, start - 1)));
    }
    if (start <= end) parser.lines(chunk.subarray(start, end + 1));
    rest = end + 1 < chunk.length ? [chunk.slice(end + 1)] : [];
  }
  if (rest.length > 0) parser.lines(withLineFeed(...rest));
  return parser.finish();
}
