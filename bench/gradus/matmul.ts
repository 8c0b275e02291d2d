import { type ArrayValue, compile, f32, f64, matmul } from "@gradus/graph";
import type { Runner } from "../worker.ts";
import { type Context, norm, widened } from "./context.ts";

/** The product of two square matrices; both go in and the product comes out at each call. */
export async function matrixProduct(context: Context, order: number, double: boolean): Promise<Runner> {
  const float = double ? f64 : f32;
  const program = await compile(
    ({ a, b }) => matmul(a, b),
    { a: float(order, order), b: float(order, order) },
    context.options,
  );
  const load = (name: string): ArrayValue => {
    const stored = context.inputs[`matmul.${order}.${name}`];
    return double ? widened(stored) : stored;
  };
  const values = { a: load("a"), b: load("b") };
  return {
    reset() {},
    call: () => program.run(values),
    unitsPerCall: 1,
    async check() {
      const product = await program.run(values);
      return [norm([product]), Number(product.data[0]), Number(product.data[order * order - 1])];
    },
  };
}
