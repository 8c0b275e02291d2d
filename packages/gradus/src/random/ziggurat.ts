import type { Ziggurat } from "@gradus/blas/particles";
import { portableExp, portableLog } from "./elementary.ts";
import { uint53 } from "./normal-block.ts";
import { xoshiro128StarStar } from "./xoshiro128.ts";

const LAYERS = 256;
/** Start of the tail and area of each layer, for 256 layers under e^(-x^2/2). */
const TAIL = 3.6541528853610088;
const AREA = 0.00492867323399;

const density = (x: number): number => portableExp(-0.5 * x * x);

/** Layer i is a rectangle of this half-width; the lowest one, 0, stands for the base with the tail. */
const width = new Float64Array(LAYERS + 1);
/** The half-widths in units of the 53-bit integers that are scaled by them. */
const scale = new Float64Array(LAYERS);
/** The density at the half-widths. */
const height = new Float64Array(LAYERS + 1);
width[0] = AREA / density(TAIL);
width[1] = TAIL;
for (let i = 2; i < LAYERS; i++)
  width[i] = Math.sqrt(-2 * portableLog(AREA / width[i - 1] + density(width[i - 1])));
for (let i = 0; i <= LAYERS; i++) height[i] = density(width[i]);
for (let i = 0; i < LAYERS; i++) scale[i] = width[i] * 2 ** -53;

const unit = (words: Int32Array): number => uint53(words) / 2 ** 53;

/** A normal number beyond `TAIL` (Marsaglia 1964). */
function sampleTail(words: Int32Array): number {
  for (;;) {
    const x = -portableLog(1 - unit(words)) / TAIL;
    const y = -portableLog(1 - unit(words));
    if (2 * y >= x * x) return TAIL + x;
  }
}

/**
 * Completes a draw x that lies in this layer but not inside the layer above: x if the point is below the density, or a
 * number from the tail; otherwise the result of further draws.
 */
function settle(words: Int32Array, firstLayer: number, first: number): number {
  let layer = firstLayer;
  let x = first;
  for (;;) {
    if (Math.abs(x) < width[layer + 1]) return x;
    if (layer === 0) return x < 0 ? -sampleTail(words) : sampleTail(words);
    const y = height[layer] + unit(words) * (height[layer + 1] - height[layer]);
    if (y < density(x)) return x;
    const high = xoshiro128StarStar(words);
    layer = high & 255;
    x = ((high >> 10) * 2 ** 32 + xoshiro128StarStar(words)) * scale[layer];
  }
}

const BLOCK = 1024;
/** Indices in a block, and layers, of the numbers that are not settled yet. */
const places = new Int32Array(BLOCK);
const layers = new Int32Array(BLOCK);

/** Fills a block; about one number in a hundred is not settled yet. Returns how many. */
function drawBlock(
  words: Int32Array,
  array: Float64Array | Float32Array,
  start: number,
  end: number,
): number {
  // xoshiro128** inlined with separate variables, which V8 keeps in registers
  let s0 = words[0];
  let s1 = words[1];
  let s2 = words[2];
  let s3 = words[3];
  let unsettled = 0;
  for (let k = start; k < end; k++) {
    let scrambled = Math.imul(s1, 5);
    const high = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    let shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = (s3 << 11) | (s3 >>> 21);
    scrambled = Math.imul(s1, 5);
    const low = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    shifted = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= shifted;
    s3 = (s3 << 11) | (s3 >>> 21);
    const layer = high & 255;
    const x = ((high >> 10) * 2 ** 32 + (low >>> 0)) * scale[layer];
    array[k] = x;
    if (Math.abs(x) >= width[layer + 1]) {
      places[unsettled] = k;
      layers[unsettled] = layer;
      unsettled += 1;
    }
  }
  words[0] = s0;
  words[1] = s1;
  words[2] = s2;
  words[3] = s3;
  return unsettled;
}

/**
 * Fills the array with standard normal numbers by the ziggurat method: a 64-bit draw gives the layer and a signed
 * 53-bit number, which lies inside the layer in 99 of 100 cases and is then accepted.
 * Source: Marsaglia & Tsang 2000, "The ziggurat method for generating random variables"; separate bits for the layer as
 * in Doornik 2005.
 */
export function fillZiggurat(words: Int32Array, array: Float64Array | Float32Array): void {
  for (let start = 0; start < array.length; start += BLOCK) {
    const unsettled = drawBlock(words, array, start, Math.min(array.length, start + BLOCK));
    for (let k = 0; k < unsettled; k++) array[places[k]] = settle(words, layers[k], array[places[k]]);
  }
}

/** The method's tables and exceptions, for draws of several streams at once: the same numbers as `fillZiggurat`'s. */
export const ziggurat: Ziggurat = {
  layers: /* @__PURE__ */ Float64Array.from({ length: 2 * LAYERS }, (_, k) =>
    k % 2 === 0 ? scale[k / 2] : width[(k + 1) / 2],
  ),
  block: BLOCK,
  settle,
  fill: fillZiggurat,
};
