import {
  add,
  convolution,
  div,
  erf,
  matmul,
  matrixTranspose,
  mean,
  mul,
  relu,
  reshape,
  rsqrt,
  softmax,
  split,
  square,
  sub,
  type Tensor,
  transpose,
} from "@gradus/graph";
import { importedSizes } from "../imported-sizes.ts";

type Tensors = Readonly<Record<string, Tensor>>;

const { heads, layers } = importedSizes.transformer;
const EPSILON = 1e-5;

const perChannel = (x: Tensor) => reshape(x, [...x.shape, 1, 1]);

/** Batch normalization by frozen moments. */
function frozenNorm(p: Tensors, name: string, x: Tensor): Tensor {
  const scale = mul(p[`${name}.weight`], rsqrt(add(p[`${name}.running_var`], EPSILON)));
  const shift = sub(p[`${name}.bias`], mul(p[`${name}.running_mean`], scale));
  return add(mul(x, perChannel(scale)), perChannel(shift));
}

function block(p: Tensors, name: string, x: Tensor): Tensor {
  const first = p[`${name}.first.weight`];
  const strides = first.shape[0] === first.shape[1] ? 1 : 2;
  const h = relu(frozenNorm(p, `${name}.firstnorm`, convolution(x, first, { strides, padding: 1 })));
  const y = frozenNorm(p, `${name}.secondnorm`, convolution(h, p[`${name}.second.weight`], { padding: 1 }));
  return relu(add(y, strides === 1 ? x : convolution(x, p[`${name}.shortcut.weight`], { strides })));
}

function residual(p: Tensors, x: Tensor): Tensor {
  const stem = relu(add(convolution(x, p["stem.weight"], { padding: 1 }), perChannel(p["stem.bias"])));
  const features = [0, 1, 2].reduce((h, k) => block(p, `blocks.${k}`, h), stem);
  return add(matmul(mean(features, { axes: [2, 3] }), matrixTranspose(p["head.weight"])), p["head.bias"]);
}

function layerNorm(p: Tensors, name: string, x: Tensor): Tensor {
  const over = { axes: -1, keepDims: true };
  const centered = sub(x, mean(x, over));
  const normal = mul(centered, rsqrt(add(mean(square(centered), over), EPSILON)));
  return add(mul(normal, p[`${name}.weight`]), p[`${name}.bias`]);
}

function linear(p: Tensors, name: string, x: Tensor): Tensor {
  return add(matmul(x, p[`${name}.weight.transposed`]), p[`${name}.bias`]);
}

function attention(p: Tensors, name: string, x: Tensor): Tensor {
  const [batch, length, width] = x.shape.map(Number);
  const all = add(matmul(x, p[`${name}.in_proj_weight.transposed`]), p[`${name}.in_proj_bias`]);
  const [q, k, v] = split(all, 3, { axis: -1 }).map((t) =>
    transpose(reshape(t, [batch, length, heads, width / heads]), [0, 2, 1, 3]),
  );
  const scores = div(matmul(q, matrixTranspose(k)), Math.sqrt(width / heads));
  const mixed = transpose(matmul(softmax(scores, { axis: -1 }), v), [0, 2, 1, 3]);
  const joined = reshape(mixed, [batch, length, width]);
  return add(matmul(joined, matrixTranspose(p[`${name}.out_proj.weight`])), p[`${name}.out_proj.bias`]);
}

const gelu = (x: Tensor) => mul(mul(x, add(erf(div(x, Math.SQRT2)), 1)), 0.5);

function transformer(p: Tensors, x: Tensor): Tensor {
  let h = x;
  for (let k = 0; k < layers; k++) {
    const name = `layers.${k}`;
    h = add(h, attention(p, `${name}.self_attn`, layerNorm(p, `${name}.norm1`, h)));
    h = add(
      h,
      linear(p, `${name}.linear2`, gelu(linear(p, `${name}.linear1`, layerNorm(p, `${name}.norm2`, h)))),
    );
  }
  const pooled = mean(layerNorm(p, "norm", h), { axes: 1 });
  return add(matmul(pooled, matrixTranspose(p["head.weight"])), p["head.bias"]);
}

/** The exported networks, written with the graph's own operations. */
export const writtenNetworks = { residual, transformer } as const;
