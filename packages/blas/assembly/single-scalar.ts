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

/** y where x > 0, else 0. */
@inline
export function wherePositive(x: Single, y: Single): Single {
  return x > 0 ? y : 0;
}

/** The sum of the lanes. */
@inline
export function sumSingles(x: Single): f32 {
  return x;
}
