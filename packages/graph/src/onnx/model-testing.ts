import { array } from "../arrays.ts";
import type { ArrayValue } from "../runtime/runtime.ts";

/** Numbers in [-1, 1) of about 24 bits, by a linear congruential generator. */
export function draw(seed: number, ...shape: number[]): ArrayValue {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return array(Float32Array.from({ length: shape.reduce((a, b) => a * b) }, next), shape);
}

/** How many nodes of a type a model has. */
export function count(type: string, model: Uint8Array): number {
  return (
    new TextDecoder("latin1").decode(model).split(`\x22${String.fromCharCode(type.length)}${type}`).length - 1
  );
}
