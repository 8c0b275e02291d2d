// The vector layer in float32 where there is no SIMD: a vector is one number.

export type Single = f32;
/** Numbers in a vector. */
export const SINGLES: i32 = 1;
/** Bytes of a vector. */
export const SINGLE_WIDTH: usize = 4;

@inline
export function zeroSingles(): Single {
  return 0;
}

/** The number at an address, in every lane. */
@inline
export function loadSingleSplat(address: usize): Single {
  return load<f32>(address);
}

@inline
export function loadSingles(address: usize): Single {
  return load<f32>(address);
}

@inline
export function storeSingles(address: usize, x: Single): void {
  store<f32>(address, x);
}

@inline
export function addSingles(x: Single, y: Single): Single {
  return x + y;
}

@inline
export function mulSingles(x: Single, y: Single): Single {
  return x * y;
}

/** max(x, 0), NaN where x is. */
@inline
export function positivePart(x: Single): Single {
  return max<f32>(x, 0);
}

/** A bit for each of eight numbers, as `positiveBits` makes them. */
export type Bits = i32;

/** Whether eight numbers, none of them negative or NaN, are greater than 0, in bits from the lowest on. */
@inline
export function positiveBits(
  x0: Single, x1: Single, x2: Single, x3: Single, x4: Single, x5: Single, x6: Single, x7: Single,
): i32 {
  return (
    i32(x0 > 0) | (i32(x1 > 0) << 1) | (i32(x2 > 0) << 2) | (i32(x3 > 0) << 3) |
    (i32(x4 > 0) << 4) | (i32(x5 > 0) << 5) | (i32(x6 > 0) << 6) | (i32(x7 > 0) << 7)
  );
}

@inline
export function spreadBits(bits: i32): Bits {
  return bits;
}

/** x where the bit of one of the eight numbers is set, else 0. */
@inline
export function whereBits(bits: Bits, place: i32, x: Single): Single {
  return (bits >> place) & 1 ? x : 0;
}

/** The sum of the lanes. */
@inline
export function sumSingles(x: Single): f32 {
  return x;
}
