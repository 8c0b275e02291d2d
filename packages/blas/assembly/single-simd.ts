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

/** y where x > 0, else 0. */
@inline
export function wherePositive(x: Single, y: Single): Single {
  return v128.and(y, f32x4.gt(x, f32x4.splat(0)));
}

/** The sum of the lanes. */
@inline
export function sumSingles(x: Single): f32 {
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3));
}
