import { portableExp, portableLog } from "./elementary.ts";
import { uint53 } from "./normal-block.ts";

const LAYERS = 256;
/** Where the tail begins, and the area of each layer, for 256 layers under e^(-x^2/2). */
const TAIL = 3.6541528853610088;
const AREA = 0.00492867323399;

const density = (x: number): number => portableExp(-0.5 * x * x);

/** Layer i is a rectangle of this half-width; the lowest one, 0, stands for the base with the tail. */
const width = new Float64Array(LAYERS + 1);
/** The density at the half-widths. */
const height = new Float64Array(LAYERS + 1);
width[0] = AREA / density(TAIL);
width[1] = TAIL;
for (let i = 2; i < LAYERS; i++)
  width[i] = Math.sqrt(-2 * portableLog(AREA / width[i - 1] + density(width[i - 1])));
for (let i = 0; i <= LAYERS; i++) height[i] = density(width[i]);

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
 * What becomes of x in layer i when it is not inside the layer above: kept in the tail or below the density, else NaN.
 */
function settle(words: Int32Array, layer: number, x: number): number {
  if (layer === 0) return x < 0 ? -sampleTail(words) : sampleTail(words);
  const y = height[layer] + unit(words) * (height[layer + 1] - height[layer]);
  return y < density(x) ? x : Number.NaN;
}

/**
 * Fills the array with standard normal numbers by the ziggurat method: a 64-bit draw gives the layer and a number of 53
 * bits with its sign, which in 99 of 100 cases lies inside the layer and is kept as it is.
 * Source: Marsaglia & Tsang 2000, "The ziggurat method for generating random variables"; the layer has bits of its own
 * (Doornik 2005).
 */
export function fillZiggurat(words: Int32Array, array: Float64Array | Float32Array): void {
  // xoshiro128** in single variables: V8 keeps them in registers
  let s0 = words[0];
  let s1 = words[1];
  let s2 = words[2];
  let s3 = words[3];
  for (let k = 0; k < array.length; k++) {
    for (;;) {
      let scrambled = Math.imul(s1, 5);
      const a = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
      let shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = (s3 << 11) | (s3 >>> 21);
      scrambled = Math.imul(s1, 5);
      const b = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
      shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = (s3 << 11) | (s3 >>> 21);
      const layer = a & 255;
      let x = ((a >> 10) * 2 ** 32 + (b >>> 0)) * 2 ** -53 * width[layer];
      if (Math.abs(x) >= width[layer + 1]) {
        words[0] = s0;
        words[1] = s1;
        words[2] = s2;
        words[3] = s3;
        x = settle(words, layer, x);
        s0 = words[0];
        s1 = words[1];
        s2 = words[2];
        s3 = words[3];
        if (Number.isNaN(x)) continue;
      }
      array[k] = x;
      break;
    }
  }
  words[0] = s0;
  words[1] = s1;
  words[2] = s2;
  words[3] = s3;
}
