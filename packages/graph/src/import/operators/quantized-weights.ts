import { isFloat } from "../../dtype.ts";
import { add, mul, sub } from "../../ops/arithmetic.ts";
import { matmul, matrixTranspose } from "../../ops/matmul.ts";
import { cast } from "../../ops/select.ts";
import { reshape } from "../../ops/shape.ts";
import { slice } from "../../ops/slice.ts";
import type { NodeCall, Operator } from "../node-call.ts";
import { constantFrom } from "../values.ts";

/** The integers that stored bytes hold side by side, those in the lower bits of a byte first. */
function unpacked(call: NodeCall, index: number, bits: number): number[] {
  const each = 8 / bits;
  const most = 2 ** bits - 1;
  return (call.numbers(index) ?? []).flatMap((byte) =>
    Array.from({ length: each }, (_, i) => (byte >> (i * bits)) & most),
  );
}

/** Zero points [rows, blocks]: packed, each row of its own bytes, or as numbers; in the middle where none are given. */
function zeroPoints(call: NodeCall, { rows, blocks, bits }: { rows: number; blocks: number; bits: number }) {
  const given = call.optional(3);
  if (!given) return constantFrom("f32", [2 ** (bits - 1)], []);
  if (isFloat(given.dtype)) return cast(reshape(given, [rows, blocks, 1]), "f32");
  const padded = Math.ceil((blocks * bits) / 8) * (8 / bits);
  const all = constantFrom("f32", unpacked(call, 3, bits), [rows, padded, 1]);
  return slice(all, { axis: 1, end: blocks });
}

/**
 * A product with weights [N, K] of which blocks along K have their own scale and zero point: W = (q - zero) scale, computed
 * from what the file stores.
 */
export const blockProduct: Operator = (call) => {
  if (call.has(4)) return call.refuse("weights whose columns are grouped in another order are not supported");
  const [K, N, block] = ["K", "N", "block_size"].map(
    (name) => call.int(name) ?? call.refuse(`attribute ${name} is missing`),
  );
  const bits = call.int("bits", 4);
  if (![2, 4, 8].includes(bits)) return call.refuse(`weights of ${bits} bits are not supported`);
  const blocks = Math.ceil(K / block);
  const x = call.input(0);
  const q = constantFrom("f32", unpacked(call, 1, bits), [N, blocks, block]);
  const scale = cast(reshape(call.input(2), [N, blocks, 1]), "f32");
  const whole = reshape(mul(sub(q, zeroPoints(call, { rows: N, blocks, bits })), scale), [N, blocks * block]);
  const weights = slice(whole, { axis: 1, end: K });
  const y = matmul(x, cast(matrixTranspose(weights), x.dtype));
  const bias = call.optional(5);
  return bias ? add(y, bias) : y;
};
