import { type MatmulAttributes, matmulOp } from "../ops/matmul.ts";
import { transposeOp } from "../ops/shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Rule, Rules } from "./rule.ts";

function swapsLastTwo(tensor: Tensor): boolean {
  if (tensor.op !== transposeOp) return false;
  const { permutation } = tensor.attributes as { permutation: readonly number[] };
  const rank = permutation.length;
  return permutation.every(
    (from, to) => from === (to === rank - 2 ? rank - 1 : to === rank - 1 ? rank - 2 : to),
  );
}

const ofTransposes: Rule = (inputs, attributes, _, make) => {
  if (!inputs.some(swapsLastTwo)) return undefined;
  const { transposeA, transposeB } = attributes as MatmulAttributes;
  const [a, b] = inputs.map((t) => (swapsLastTwo(t) ? t.inputs[0] : t));
  return make(matmulOp, [a, b], {
    transposeA: transposeA !== (a !== inputs[0]),
    transposeB: transposeB !== (b !== inputs[1]),
  });
};

/** Transposes become part of matrix products. */
export const productRules: Rules = [[matmulOp, [ofTransposes]]];
