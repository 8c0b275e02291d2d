// The vector layer where there is no SIMD: a vector is one number.

export type Vector = f64;
/** Numbers in a vector. */
export const LANES: i32 = 1;
/** Bytes of a vector. */
export const WIDTH: usize = 8;

@inline
export function zero(): Vector {
  return 0;
}

@inline
export function splat(x: f64): Vector {
  return x;
}

/** The number at an address, in every lane. */
@inline
export function loadSplat(address: usize): Vector {
  return load<f64>(address);
}

/** The number 8 bytes after an address, in every lane: the offset is part of the instruction. */
@inline
export function loadSplat1(address: usize): Vector {
  return load<f64>(address, 8);
}

/** The number 16 bytes after an address, in every lane: the offset is part of the instruction. */
@inline
export function loadSplat2(address: usize): Vector {
  return load<f64>(address, 16);
}

/** The number 24 bytes after an address, in every lane: the offset is part of the instruction. */
@inline
export function loadSplat3(address: usize): Vector {
  return load<f64>(address, 24);
}

@inline
export function loadVector(address: usize): Vector {
  return load<f64>(address);
}

/** The vector after the one at an address: the offset is part of the instruction. */
@inline
export function loadNext(address: usize): Vector {
  return load<f64>(address, 8);
}

/** The numbers of x whose indices, of 32 bits, are at an address. */
@inline
export function gather(indices: usize, x: usize): Vector {
  return load<f64>(x + (<usize>load<i32>(indices) << 3));
}

/** `gather` by the indices after those. */
@inline
export function gatherNext(indices: usize, x: usize): Vector {
  return load<f64>(x + (<usize>load<i32>(indices, 4) << 3));
}

@inline
export function storeVector(address: usize, x: Vector): void {
  store<f64>(address, x);
}

@inline
export function add(x: Vector, y: Vector): Vector {
  return x + y;
}

@inline
export function sub(x: Vector, y: Vector): Vector {
  return x - y;
}

@inline
export function mul(x: Vector, y: Vector): Vector {
  return x * y;
}

@inline
export function div(x: Vector, y: Vector): Vector {
  return x / y;
}

@inline
export function abs(x: Vector): Vector {
  return Math.abs(x);
}

/** The square root of each lane. */
@inline
export function root(x: Vector): Vector {
  return sqrt<f64>(x);
}

/** The sum of the lanes. */
@inline
export function sumLanes(x: Vector): f64 {
  return x;
}

/** The larger number, NaN where one is. */
@inline
export function larger(x: Vector, y: Vector): Vector {
  return max<f64>(x, y);
}

@inline
export function atLeast(x: Vector, y: Vector): Vector {
  return x < y ? y : x;
}

@inline
export function atMost(x: Vector, y: Vector): Vector {
  return y < x ? y : x;
}

/** 1 where x > 0, else 0. */
@inline
export function onesAboveZero(x: Vector): Vector {
  return x > 0 ? 1 : 0;
}

/** The nearest whole number, the even one of two. */
@inline
export function nearestWhole(x: Vector): Vector {
  return nearest<f64>(x);
}

/** The largest whole number that is not above x. */
@inline
export function wholeBelow(x: Vector): Vector {
  return floor<f64>(x);
}

/** 2^k for whole k from -1022 to 1023. */
@inline
export function powerOfTwo(k: Vector): Vector {
  // adding 1.5 2^52 leaves k + 1023 in the lowest bits
  return reinterpret<f64>(reinterpret<u64>(k + 6755399441056767) << 52);
}

/** x where t >= 0, y where t < 0 or is not a number. */
@inline
export function selectNonnegative(t: Vector, x: Vector, y: Vector): Vector {
  return t >= 0 ? x : y;
}

@inline
export function firstLane(x: Vector): f64 {
  return x;
}

@inline
export function lastLane(x: Vector): f64 {
  return x;
}

/** x with another number in its first lane. */
@inline
export function withFirstLane(_x: Vector, first: f64): Vector {
  return first;
}

/** How many of the integers of 32 bits up to an address are at most the one before them. */
export function descentsOf(at: usize, end: usize): i32 {
  let count = 0;
  for (; at < end; at += 4) count += <i32>(load<i32>(at) <= load<i32>(at - 4));
  return count;
}
