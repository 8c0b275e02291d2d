const LEAST_NORMAL = 2 ** -1022;
const bits = new DataView(new ArrayBuffer(8));

/**
 * The power of two at or below a positive number, the same on every engine, as logarithms are not. Its inverse may
 * overflow, so divide by it.
 */
export function powerOfTwo(size: number): number {
  if (size < LEAST_NORMAL) return powerOfTwo(size * 2 ** 60) / 2 ** 60;
  bits.setFloat64(0, size);
  bits.setUint32(0, bits.getUint32(0) & 0x7ff00000);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}
