import { DataError } from "../errors.ts";

/** An array of unsigned bytes with its shape. */
export interface IdxArray {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

/**
 * Reads the IDX format of the MNIST files: two zero bytes, the type (08 for unsigned bytes), the number of
 * dimensions, each dimension as a big-endian 32-bit integer, then the values.
 * Source: LeCun, Cortes & Burges, the MNIST database, "File formats".
 *
 * @param name what the file is called in error messages
 * @throws DataError when the first four bytes are not those of an IDX file of unsigned bytes, or when the length is
 * not what the header says
 */
export function parseIdx(bytes: Uint8Array, { name = "IDX" }: { name?: string } = {}): IdxArray {
  if (bytes.length < 4)
    throw new DataError(`${name}: the header must have at least 4 bytes, got ${bytes.length}`);
  const [first, second, type, dimensions] = bytes;
  if (first !== 0 || second !== 0 || type !== UNSIGNED_BYTE || dimensions === 0) {
    const got = Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new DataError(
      `${name}: the first bytes must be 00 00 08 and the number of dimensions (unsigned bytes in IDX), got ${got}`,
    );
  }
  const headerLength = 4 + 4 * dimensions;
  if (bytes.length < headerLength)
    throw new DataError(
      `${name}: the header of ${dimensions} dimensions must have ${headerLength} bytes, got ${bytes.length}`,
    );
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerLength);
  const shape = Array.from({ length: dimensions }, (_, i) => header.getUint32(4 + 4 * i));
  const wanted = headerLength + shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== wanted) {
    const what = bytes.length < wanted ? "is cut off" : "has bytes left over";
    throw new DataError(
      `${name} ${what}: shape ${shape.join(" x ")} must take ${wanted} bytes in all, got ${bytes.length}`,
    );
  }
  return { shape, values: bytes.slice(headerLength) };
}
