// The vector layer in float32: four numbers in a 128-bit register. `single-scalar.ts` has the same names for one number.

export type Single = v128;
/** Numbers in a vector. */
export const SINGLES: i32 = 4;
/** Bytes of a vector. */
export const SINGLE_WIDTH: usize = 16;

@inline
export function zeroSingles(): Single {
  return f32x4.splat(0);
}

/** The number at an address, in every lane. */
@inline
export function loadSingleSplat(address: usize): Single {
  return v128.load_splat<f32>(address);
}

@inline
export function loadSingles(address: usize): Single {
  return v128.load(address);
}

@inline
export function storeSingles(address: usize, x: Single): void {
  v128.store(address, x);
}

@inline
export function addSingles(x: Single, y: Single): Single {
  return f32x4.add(x, y);
}

@inline
export function mulSingles(x: Single, y: Single): Single {
  return f32x4.mul(x, y);
}

/** max(x, 0) of each lane, NaN where x is: a single instruction, unlike `max`, which orders -0 and 0. */
@inline
export function positivePart(x: Single): Single {
  return f32x4.pmax(x, f32x4.splat(0));
}

/** A bit for each number of eight vectors, as `positiveBits` makes them, spread for `whereBits`. */
export type Bits = v128;

/**
 * Whether the numbers of four vectors are greater than 0, -1 or 0 in a byte for each: as integers, numbers that are not
 * negative keep their signs where they are cut down to bytes, so that one comparison is enough for all.
 */
@inline
function positiveBytes(x0: Single, x1: Single, x2: Single, x3: Single): v128 {
  const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(x0, x1), i16x8.narrow_i32x4_s(x2, x3));
  return i8x16.gt_s(bytes, i8x16.splat(0));
}

/** Whether the numbers of eight vectors, none of them negative or NaN, are greater than 0, in bits from the lowest on. */
@inline
export function positiveBits(
  x0: Single, x1: Single, x2: Single, x3: Single, x4: Single, x5: Single, x6: Single, x7: Single,
): i32 {
  return i8x16.bitmask(positiveBytes(x0, x1, x2, x3)) | (i8x16.bitmask(positiveBytes(x4, x5, x6, x7)) << 16);
}

/** The bits in every lane, so far to the left that each lane's own bits of all eight vectors have equal places. */
@inline
export function spreadBits(bits: i32): Bits {
  return i32x4.mul(i32x4.splat(bits), i32x4(8, 4, 2, 1));
}

/** x where the bits of one of the eight vectors are set, else 0. */
@inline
export function whereBits(bits: Bits, place: i32, x: Single): Single {
  return v128.and(x, i32x4.shr_s(i32x4.shl(bits, 28 - 4 * place), 31));
}

/** The sum of the lanes. */
@inline
export function sumSingles(x: Single): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}
