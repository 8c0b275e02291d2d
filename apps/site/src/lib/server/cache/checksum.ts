import { crc32 } from "node:zlib";

/** The reflected polynomial of CRC-32 (RFC 1952, section 8). */
const POLYNOMIAL = 0xedb88320;
/** The polynomial 1: the coefficient of x^0 is the highest bit. */
const ONE = 0x80000000;

/** What stays of some bytes when they are put before or after others: their CRC-32 and their length. */
export interface Checksum {
  readonly crc: number;
  readonly length: number;
  /** `x^(8 length)` modulo the polynomial: what the bytes before these are multiplied by. */
  readonly shift: number;
}

/** `a b` modulo the polynomial. */
function product(a: number, b: number): number {
  let sum = 0;
  let power = b;
  for (let rest = a; rest !== 0; rest <<= 1) {
    if (rest & ONE) sum ^= power;
    power = power & 1 ? (power >>> 1) ^ POLYNOMIAL : power >>> 1;
  }
  return sum;
}

/** `x^(8 length)` modulo the polynomial, by squares of x^8. */
function shiftOf(length: number): number {
  let shift: number = ONE;
  let square = ONE >>> 8;
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shift = product(shift, square);
    square = product(square, square);
  }
  return shift;
}

/** The checksum of some bytes. */
export function checksumOf(bytes: Uint8Array): Checksum {
  return { crc: crc32(bytes), length: bytes.length, shift: shiftOf(bytes.length) };
}

/** The CRC-32 and the length of bytes that are put one after another: `crc(ab) = crc(a) x^(8 |b|) + crc(b)`. */
export function joinedChecksum(parts: Iterable<Checksum>): { readonly crc: number; readonly length: number } {
  let crc = 0;
  let length = 0;
  for (const part of parts) {
    crc = product(crc, part.shift) ^ part.crc;
    length += part.length;
  }
  return { crc: crc >>> 0, length };
}
