import {
  add,
  array,
  constant,
  type Dimension,
  greaterEqual,
  mul,
  range,
  remainder,
  reshape,
  type Shape,
  scalar,
  type Tensor,
} from "@gradus/graph";

/** A Mersenne prime: products of two numbers below it fit 64-bit integers. */
const PRIME = 2 ** 31 - 1;
/** One for each round of a key, from the digits of pi. */
const ROUND_CONSTANTS = [314_159_265, 358_979_323, 846_264_338];

const whole = (value: number) => scalar(value, "i64");
const modPrime = (t: Tensor) => remainder(t, whole(PRIME));

/** x -> (x + c)^5 mod p, a permutation of the numbers below p: 5 has no factor in common with p - 1. */
function round(x: Tensor, c: number): Tensor {
  const y = modPrime(add(x, whole(c)));
  const square = modPrime(mul(y, y));
  return modPrime(mul(modPrime(mul(square, square)), y));
}

const mixed = (x: Tensor) => ROUND_CONSTANTS.reduce(round, x);

/** A key for each of n rows. */
export function rowKeys(key: Tensor, rows: Dimension): Tensor {
  return mixed(add(mixed(key), range(rows)));
}

/**
 * Masks of dropout as a function of a whole number, the key: each entry is kept with the probability 1 - ratio, by a hash
 * of key, node and place. One round of the hash is a permutation of the numbers below 2^31 - 1, as in the block cipher
 * MiMC (Albrecht et al., 2016, section 2); entries are kept whose hash is at least ratio (2^31 - 1).
 *
 * @returns the mask of the next node at each call
 */
export function dropoutMasks(key: Tensor): (shape: Shape, ratio: number) => Tensor {
  let node = 0;
  return (shape, ratio) => {
    node += 1;
    let hash = reshape(
      mixed(add(mixed(key), whole(node))),
      shape.map(() => 1),
    );
    for (const [axis, size] of shape.entries()) {
      const along = shape.map((_, k) => (k === axis ? size : 1));
      hash = round(add(hash, reshape(range(size), along)), ROUND_CONSTANTS[axis % ROUND_CONSTANTS.length]);
    }
    return greaterEqual(mixed(hash), whole(Math.round(ratio * PRIME)));
  };
}

/** The key of the first step of a training, and those of the next ones. */
export const firstKey = (seed: number) => array(BigInt64Array.of(BigInt(seed)), []);
export const nextKey = (key: Tensor) => modPrime(add(key, constant(BigInt64Array.of(1n), [])));
