import { checkOptions } from "../check.ts";
import { normalizeAxes } from "../shape.ts";
import { apply, floatType, type Op, type Tensor } from "../tensor.ts";
import { mul, sub } from "./arithmetic.ts";
import { reduceSum } from "./reduce.ts";
import { exp } from "./unary.ts";

interface AxisAttributes {
  readonly axis: number;
}

/** Both Jacobians of softmax are diag(y) - y y^T: y * (t - sum(y * t)). */
function softmaxProduct(y: Tensor, t: Tensor, axis: number): Tensor {
  return mul(y, sub(t, reduceSum(mul(y, t), [axis], true)));
}

export const softmaxOp: Op<AxisAttributes> = {
  name: "softmax",
  type: ([x]) => ({ dtype: floatType("softmax", x), shape: x.shape }),
  vjp: ({ output, attributes: { axis } }, cotangent) => [softmaxProduct(output, cotangent, axis)],
  jvp: ({ output, attributes: { axis } }, [tangent]) => tangent && softmaxProduct(output, tangent, axis),
  lower: (emit, [x], { attributes: { axis } }) => emit.node("Softmax", [x], { axis }),
  vmap: ([x], _, { axis }) => apply(softmaxOp, [x], { axis: axis + 1 }),
};

const logSoftmaxOp: Op<AxisAttributes> = {
  name: "logSoftmax",
  type: ([x]) => ({ dtype: floatType("logSoftmax", x), shape: x.shape }),
  vjp: ({ output, attributes: { axis } }, cotangent) => [
    sub(cotangent, mul(exp(output), reduceSum(cotangent, [axis], true))),
  ],
  jvp: ({ output, attributes: { axis } }, [tangent]) =>
    tangent && sub(tangent, reduceSum(mul(exp(output), tangent), [axis], true)),
  // ONNX Runtime's float64 kernel clamps the sum from below and so turns NaN into numbers.
  lower: (emit, [x], { inputs: [{ dtype }], attributes: { axis } }) => {
    if (dtype === "f32") return emit.node("LogSoftmax", [x], { axis });
    const over = emit.integers([axis]);
    const shifted = emit.node("Sub", [x, emit.node("ReduceMax", [x, over], { keepdims: 1 })]);
    const total = emit.node("ReduceSum", [emit.node("Exp", [shifted]), over], { keepdims: 1 });
    return emit.node("Sub", [shifted, emit.node("Log", [total])]);
  },
  vmap: ([x], _, { axis }) => apply(logSoftmaxOp, [x], { axis: axis + 1 }),
};

function along(op: Op<AxisAttributes>, x: Tensor, options: { readonly axis?: number }): Tensor {
  checkOptions(op.name, options, ["axis"]);
  const { axis = -1 } = options;
  return apply(op, [x], { axis: normalizeAxes(op.name, x.shape.length, axis)[0] });
}

/** e^x / sum(e^x) along `axis`. */
export function softmax(x: Tensor, options: { readonly axis?: number } = {}): Tensor {
  return along(softmaxOp, x, options);
}

/** x - logSumExp(x) along `axis`. */
export function logSoftmax(x: Tensor, options: { readonly axis?: number } = {}): Tensor {
  return along(logSoftmaxOp, x, options);
}
