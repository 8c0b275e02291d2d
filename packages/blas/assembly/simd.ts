// The vector layer: two float64 numbers in a 128-bit register. `scalar.ts` has the same names for one number.

export type Vector = v128;
/** Numbers in a vector. */
export const LANES: i32 = 2;
/** Bytes of a vector. */
export const WIDTH: usize = 16;

@inline
export function zero(): Vector {
  return f64x2.splat(0);
}

@inline
export function splat(x: f64): Vector {
  return f64x2.splat(x);
}

/** The number at an address, in every lane. */
@inline
export function loadSplat(address: usize): Vector {
  return v128.load_splat<f64>(address);
}

/** The number 8 bytes after an address, in every lane: the offset is part of the instruction. */
@inline
export function loadSplat1(address: usize): Vector {
  return v128.load_splat<f64>(address, 8);
}

/** The number 16 bytes after an address, in every lane: the offset is part of the instruction. */
@inline
export function loadSplat2(address: usize): Vector {
  return v128.load_splat<f64>(address, 16);
}

/** The number 24 bytes after an address, in every lane: the offset is part of the instruction. */
@inline
export function loadSplat3(address: usize): Vector {
  return v128.load_splat<f64>(address, 24);
}

@inline
export function loadVector(address: usize): Vector {
  return v128.load(address);
}

/** The vector after the one at an address: the offset is part of the instruction. */
@inline
export function loadNext(address: usize): Vector {
  return v128.load(address, 16);
}

/** The numbers of x whose indices, of 32 bits, are at an address. */
@inline
export function gather(indices: usize, x: usize): Vector {
  const first = v128.load64_zero(x + (<usize>load<i32>(indices) << 3));
  return v128.load64_lane(x + (<usize>load<i32>(indices, 4) << 3), first, 1);
}

/** `gather` by the indices after those. */
@inline
export function gatherNext(indices: usize, x: usize): Vector {
  const first = v128.load64_zero(x + (<usize>load<i32>(indices, 8) << 3));
  return v128.load64_lane(x + (<usize>load<i32>(indices, 12) << 3), first, 1);
}

@inline
export function storeVector(address: usize, x: Vector): void {
  v128.store(address, x);
}

@inline
export function add(x: Vector, y: Vector): Vector {
  return f64x2.add(x, y);
}

@inline
export function sub(x: Vector, y: Vector): Vector {
  return f64x2.sub(x, y);
}

@inline
export function mul(x: Vector, y: Vector): Vector {
  return f64x2.mul(x, y);
}

@inline
export function div(x: Vector, y: Vector): Vector {
  return f64x2.div(x, y);
}

@inline
export function abs(x: Vector): Vector {
  return f64x2.abs(x);
}

/** The square root of each lane. */
@inline
export function root(x: Vector): Vector {
  return f64x2.sqrt(x);
}

/** The sum of the lanes. */
@inline
export function sumLanes(x: Vector): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}

/** The larger number of each lane, NaN where one is. */
@inline
export function larger(x: Vector, y: Vector): Vector {
  return f64x2.max(x, y);
}

/** y where x < y, else x, NaN included: one instruction, where the larger number takes eight. */
@inline
export function atLeast(x: Vector, y: Vector): Vector {
  return f64x2.pmax(x, y);
}

/** y where y < x, else x, NaN included: one instruction. */
@inline
export function atMost(x: Vector, y: Vector): Vector {
  return f64x2.pmin(x, y);
}

/** 1 where x > 0, else 0. */
@inline
export function onesAboveZero(x: Vector): Vector {
  return v128.and(f64x2.gt(x, f64x2.splat(0)), f64x2.splat(1));
}

/** The nearest whole number, the even one of two. */
@inline
export function nearestWhole(x: Vector): Vector {
  return f64x2.nearest(x);
}

/** The largest whole number that is not above x. */
@inline
export function wholeBelow(x: Vector): Vector {
  return f64x2.floor(x);
}

/** 2^k for whole k from -1022 to 1023. */
@inline
export function powerOfTwo(k: Vector): Vector {
  // adding 1.5 2^52 leaves k + 1023 in the lowest bits
  return i64x2.shl(f64x2.add(k, f64x2.splat(6755399441056767)), 52);
}

/** x where t >= 0, y where t < 0 or is not a number. */
@inline
export function selectNonnegative(t: Vector, x: Vector, y: Vector): Vector {
  return v128.bitselect(x, y, f64x2.ge(t, f64x2.splat(0)));
}

@inline
export function firstLane(x: Vector): f64 {
  return f64x2.extract_lane(x, 0);
}

@inline
export function lastLane(x: Vector): f64 {
  return f64x2.extract_lane(x, 1);
}

/** x with another number in its first lane. */
@inline
export function withFirstLane(x: Vector, first: f64): Vector {
  return f64x2.replace_lane(x, 0, first);
}

/** How many of the integers of 32 bits up to an address are at most the one before them. */
export function descentsOf(at: usize, end: usize): i32 {
  let count = 0;
  for (; at + 16 <= end; at += 16)
    count += popcnt(i32x4.bitmask(i32x4.le_s(v128.load(at), v128.load(at - 4))));
  for (; at < end; at += 4) count += <i32>(load<i32>(at) <= load<i32>(at - 4));
  return count;
}
