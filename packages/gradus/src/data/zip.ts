import { DataError } from "../check/errors.ts";
import { joined, readAll } from "./byte-source.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A file of a ZIP archive, as the central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  /** 0: stored, 8: deflated. */
  readonly method: number;
  readonly crc: number;
  /** Lengths in bytes. */
  readonly compressed: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly at: number;
}

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_HEADER = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
/** Lengths of the records without what varies. */
const LOCAL_LENGTH = 30;
const DIRECTORY_LENGTH = 46;
const END_LENGTH = 22;
const END_64_LENGTH = 56;
const LOCATOR_LENGTH = 20;
const LONGEST_COMMENT = 0xffff;
/** In place of a number that ZIP64 has elsewhere. */
const ELSEWHERE = 0xffffffff;
const ELSEWHERE_16 = 0xffff;
/** The extra field of ZIP64. */
const EXTRA_64 = 1;
/** Flags: encrypted. */
const ENCRYPTED = 1;

const view = ({ buffer, byteOffset, length }: Bytes) => new DataView(buffer, byteOffset, length);

/** A little-endian integer of 64 bits; beyond 2^53 it is no position in an array. */
const integer64 = (data: DataView, at: number): number => Number(data.getBigUint64(at, true));

interface Directory {
  readonly at: number;
  readonly length: number;
  readonly count: number;
}

function directoryOf(data: DataView, name: string): Directory {
  const least = Math.max(0, data.byteLength - END_LENGTH - LONGEST_COMMENT);
  let end = data.byteLength - END_LENGTH;
  const isEnd = () =>
    data.getUint32(end, true) === END &&
    data.getUint16(end + 20, true) === data.byteLength - end - END_LENGTH;
  while (end >= least && !isEnd()) end--;
  if (end < least) throw new DataError(`${name} must be a ZIP archive; it is none, or is truncated`);
  const plain = {
    count: data.getUint16(end + 10, true),
    length: data.getUint32(end + 12, true),
    at: data.getUint32(end + 16, true),
  };
  const locator = end - LOCATOR_LENGTH;
  const is64 = locator >= 0 && data.getUint32(locator, true) === LOCATOR_64;
  if (!is64) return plain;
  const record = integer64(data, locator + 8);
  if (!(record + END_64_LENGTH <= locator) || data.getUint32(record, true) !== END_64)
    throw new DataError(`${name}: the end of the ZIP64 directory is not where the archive says`);
  return {
    count: integer64(data, record + 32),
    length: integer64(data, record + 40),
    at: integer64(data, record + 48),
  };
}

/** The numbers of an entry that ZIP64 has in its extra field, in this order, where the directory has no room for them. */
function numbers64(
  data: DataView,
  extra: { readonly at: number; readonly end: number },
  plain: readonly number[],
): readonly number[] {
  for (let at = extra.at; at + 4 <= extra.end; at += 4 + data.getUint16(at + 2, true)) {
    if (data.getUint16(at, true) !== EXTRA_64) continue;
    let next = at + 4;
    const end = Math.min(extra.end, next + data.getUint16(at + 2, true));
    return plain.map((number) => {
      if (number !== ELSEWHERE) return number;
      next += 8;
      return next <= end ? integer64(data, next - 8) : Number.NaN;
    });
  }
  return plain;
}

/**
 * The files of a ZIP archive, with ZIP64, as its central directory lists them.
 *
 * @throws DataError when the bytes are no archive, it is truncated, or an entry is encrypted or compressed by another
 *   method than deflate
 */
export function zipEntries(bytes: Bytes, name: string): ZipEntry[] {
  const data = view(bytes);
  const { at: first, length, count } = directoryOf(data, name);
  const end = first + length;
  const broken = () => new DataError(`${name}: the ZIP directory is damaged or truncated`);
  if (!(end <= bytes.length)) throw broken();
  const entries: ZipEntry[] = [];
  let at = first;
  while (at < end) {
    if (at + DIRECTORY_LENGTH > end || data.getUint32(at, true) !== DIRECTORY_HEADER) throw broken();
    const [named, extra, comment] = [28, 30, 32].map((offset) => data.getUint16(at + offset, true));
    const begin = at + DIRECTORY_LENGTH;
    const next = begin + named + extra + comment;
    if (next > end) throw broken();
    const file = new TextDecoder().decode(bytes.subarray(begin, begin + named));
    const [size, compressed, local] = numbers64(
      data,
      { at: begin + named, end: begin + named + extra },
      [24, 20, 42].map((offset) => data.getUint32(at + offset, true)),
    );
    const method = data.getUint16(at + 10, true);
    if (data.getUint16(at + 8, true) & ENCRYPTED)
      throw new DataError(`${name}: ${file} is encrypted, which is not supported`);
    if (method !== 0 && method !== 8)
      throw new DataError(`${name}: ${file} must be stored or deflated, got compression method ${method}`);
    entries.push({ name: file, method, crc: data.getUint32(at + 16, true), compressed, size, at: local });
    at = next;
  }
  if (entries.length !== count && count !== ELSEWHERE_16) throw broken();
  return entries;
}

/** CRC-32 of the bytes 0 to 255, reflected. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

function crc32(bytes: Bytes): number {
  let crc = 0xffffffff;
  for (let k = 0; k < bytes.length; k++) crc = crcTable[(crc ^ bytes[k]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Decompresses what should become `size` bytes; ends as soon as there are more. */
async function inflated(compressed: Bytes, size: number): Promise<Bytes> {
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const parts: Bytes[] = [];
  let length = 0;
  for await (const part of readAll(stream)) {
    parts.push(part);
    length += part.length;
    if (length > size) break;
  }
  return joined(parts);
}

/**
 * The content of a file of an archive.
 *
 * @throws DataError when it is truncated or damaged: when its length or its CRC-32 is not what the directory says
 */
export async function zipContent(archive: Bytes, entry: ZipEntry, name: string): Promise<Bytes> {
  const { at, compressed, size, method, crc } = entry;
  const damaged = (what: string, cause?: unknown) =>
    new DataError(`${name}: ${entry.name} is damaged or truncated: ${what}`, { cause });
  const data = view(archive);
  if (!(at + LOCAL_LENGTH <= archive.length) || data.getUint32(at, true) !== LOCAL_HEADER)
    throw damaged("its header is not where the directory says");
  const begin = at + LOCAL_LENGTH + data.getUint16(at + 26, true) + data.getUint16(at + 28, true);
  if (!(begin + compressed <= archive.length)) throw damaged("the archive ends before it");
  const stored = archive.subarray(begin, begin + compressed);
  const content =
    method === 0
      ? stored
      : await inflated(stored, size).catch((cause) => {
          throw damaged("its compressed bytes make no sense", cause);
        });
  if (content.length !== size)
    throw damaged(
      `it must have ${size} bytes, got ${method === 0 || content.length < size ? content.length : "more"}`,
    );
  if (crc32(content) !== crc) throw damaged("its checksum (CRC-32) is another");
  return content;
}
