import {
  type ArrayValue,
  add,
  array,
  type CompileOptions,
  div,
  gradient as gradientOf,
  item,
  jit,
  jvp,
  mul,
  norm,
  repeat,
  sub,
  sum,
  type Tensor,
} from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkFunction, checkGivenOptions } from "../../check/options.ts";
import { vectorData } from "../../objectives/hessian-products.ts";
import type { AsTensors, ValuesOf } from "../../tree/arrays.ts";
import { parameterLayout } from "../../tree/parameter-layout.ts";
import type { BilevelLevel, BilevelProblem, BilevelStart, SecondDerivativeProducts } from "./problem.ts";

export interface GraphBilevelOptions<X, Y, D> extends CompileOptions {
  /** From x, y and data (trees of tensors) to a scalar. */
  readonly upper: (x: AsTensors<X>, y: AsTensors<Y>, data: AsTensors<D>) => Tensor;
  readonly lower: (x: AsTensors<X>, y: AsTensors<Y>, data: AsTensors<D>) => Tensor;
  /** Trees of f32 or f64 arrays: structure, shapes, types, and where methods start. */
  readonly x: X;
  readonly y: Y;
  /** What the losses are evaluated on. */
  readonly data: D;
  /**
   * Data of a sample: makes the problem stochastic. The same number must give the same data, which must be like `data`
   * but for their numbers of rows.
   */
  readonly sampleData?: (sample: number) => D;
  readonly projectX?: (x: Float64Array) => Float64Array;
  readonly projectY?: (y: Float64Array) => Float64Array;
}

/** A traced bilevel problem over flat vectors. Holds native memory: dispose of it, or declare it with `using`. */
export interface GraphBilevelProblem<X, Y> extends BilevelProblem, Disposable {
  /** The trees that were given, as vectors. */
  readonly start: BilevelStart;
  packX(x: X): Float64Array;
  unpackX(x: Float64Array): X;
  packY(y: Y): Float64Array;
  unpackY(y: Float64Array): Y;
  dispose(): void;
}

const scalarOf = (value: number): ArrayValue => array(Float64Array.of(value), []);

/**
 * A bilevel problem of two traced losses over trees of parameters: gradients by reverse mode, products with second
 * derivatives of both levels forward over reverse, the inner steps of the double-loop penalty method as one loop in the
 * graph. Each part is compiled on first use.
 *
 * @returns the problem over flat vectors in float64; parameters in f32 are rounded on the way in
 * @throws ArgumentError when x or y has an array that is not floating-point or none at all, or an option is unknown
 * @throws (from a call) ShapeError, TypeMismatchError, GraphError of the graph when a loss cannot be traced
 */
export function bilevelFromGraph<X extends ValuesOf<X>, Y extends ValuesOf<Y>, D extends ValuesOf<D>>(
  options: GraphBilevelOptions<X, Y, D>,
): GraphBilevelProblem<X, Y> {
  checkGivenOptions("bilevelFromGraph", options, [
    "upper",
    "lower",
    "x",
    "y",
    "data",
    "sampleData",
    "projectX",
    "projectY",
    "threads",
    "runtime",
  ]);
  const { upper, lower, x: x0, y: y0, data, sampleData, projectX, projectY, ...compileOptions } = options;
  checkFunction({ upper, lower });
  if (sampleData !== undefined) checkFunction({ sampleData });
  const layoutX = parameterLayout(x0);
  const layoutY = parameterLayout(y0);
  type Loss = (x: Tensor, y: Tensor, data: AsTensors<D>) => Tensor;
  const over =
    (loss: typeof upper): Loss =>
    (x, y, d) =>
      loss(layoutX.unpackTensor(x), layoutY.unpackTensor(y), d);
  const losses = { upper: over(upper), lower: over(lower) };
  const programs: Disposable[] = [];
  let disposed = false;
  function compiled<I, O>(f: (inputs: I) => O) {
    // the compiler cannot see that the data's tensors have the structure of D
    const program = jit(f as never, compileOptions) as unknown as Disposable & {
      run(inputs: unknown): Promise<unknown>;
    };
    programs.push(program);
    return <R>(inputs: Readonly<Record<string, unknown>>): Promise<R> => {
      if (disposed) throw new ArgumentError("the problem has been disposed of");
      return program.run(inputs) as Promise<R>;
    };
  }

  interface Point {
    readonly x: Tensor;
    readonly y: Tensor;
    readonly data: AsTensors<D>;
  }
  const slopeX = (loss: Loss, { x, y, data: d }: Point) => gradientOf((at: Tensor) => loss(at, y, d))(x);
  const slopeY = (loss: Loss, { x, y, data: d }: Point) => gradientOf((at: Tensor) => loss(x, at, d))(y);

  function level(loss: Loss): BilevelLevel {
    const value = compiled(({ x, y, data: d }: Point) => loss(x, y, d));
    const inX = compiled((point: Point) => slopeX(loss, point));
    const inY = compiled((point: Point) => slopeY(loss, point));
    const at = (sample: number | undefined) =>
      sample === undefined || !sampleData ? data : sampleData(sample);
    return {
      value: async (x, y) => item(await value<ArrayValue>({ x, y, data })),
      gradientX: async (x, y, _, sample) => vectorData(await inX({ x, y, data: at(sample) })),
      gradientY: async (x, y, _, sample) => vectorData(await inY({ x, y, data: at(sample) })),
    };
  }

  function products(loss: Loss): SecondDerivativeProducts {
    const alongY = compiled(({ v, ...point }: Point & { readonly v: Tensor }) => {
      const { x, y, data: d } = point;
      const slope = (at: Tensor) => slopeY(loss, { x, y: at, data: d });
      return jvp(slope, y, v).tangent;
    });
    const acrossX = compiled(({ v, ...point }: Point & { readonly v: Tensor }) => {
      const { x, y, data: d } = point;
      const inner = (at: Tensor) => sum(mul(slopeY(loss, { x: at, y, data: d }), v));
      return gradientOf(inner)(x);
    });
    return {
      yy: async (x, y, v) => vectorData(await alongY({ x, y, v, data })),
      xy: async (x, y, v) => vectorData(await acrossX({ x, y, v, data })),
    };
  }

  interface InnerInputs extends Omit<Point, "y"> {
    readonly y: Tensor;
    readonly z: Tensor;
    readonly sigma: Tensor;
    readonly step: Tensor;
    readonly inverseProx: Tensor;
  }
  const innerOf = (count: number) =>
    compiled(({ x, y, z, data: d, sigma, step, inverseProx }: InnerInputs) => {
      const pull = (at: Tensor, center: Tensor) => mul(inverseProx, sub(at, center));
      const zero = mul(sigma, 0);
      const { carried } = repeat(count, { u: y, v: z, ru: zero, rv: zero }, ({ u, v }) => {
        const both = gradientOf((at: Tensor) =>
          add(mul(sigma, losses.upper(x, at, d)), losses.lower(x, at, d)),
        )(u);
        const du = add(both, pull(u, y));
        const dv = add(slopeY(losses.lower, { x, y: v, data: d }), pull(v, z));
        return {
          carried: {
            u: sub(u, mul(step, du)),
            v: sub(v, mul(step, dv)),
            ru: norm(du),
            rv: norm(dv),
          },
        };
      });
      return carried;
    });
  const inners = new Map<number, ReturnType<typeof innerOf>>();
  const outer = compiled(
    ({ x, u, v, data: d, sigma }: Omit<Point, "y"> & { u: Tensor; v: Tensor; sigma: Tensor }) =>
      gradientOf((at: Tensor) =>
        add(losses.upper(at, u, d), div(sub(losses.lower(at, u, d), losses.lower(at, v, d)), sigma)),
      )(x),
  );

  function dispose(): void {
    disposed = true;
    for (const program of programs.splice(0)) program[Symbol.dispose]();
  }
  return {
    dimensionX: layoutX.dimension,
    dimensionY: layoutY.dimension,
    upper: level(losses.upper),
    lower: level(losses.lower),
    ...(projectX && { projectX }),
    ...(projectY && { projectY }),
    stochastic: sampleData !== undefined,
    lowerProducts: products(losses.lower),
    upperProducts: products(losses.upper),
    fused: {
      async inner(x, y, z, { sigma, stepSize, inverseProx, count }) {
        const run = inners.get(count) ?? innerOf(count);
        inners.set(count, run);
        const { u, v, ru, rv } = await run<Record<"u" | "v" | "ru" | "rv", ArrayValue>>({
          x,
          y,
          z,
          data,
          sigma: scalarOf(sigma),
          step: scalarOf(stepSize),
          inverseProx: scalarOf(inverseProx),
        });
        return { u: vectorData(u), v: vectorData(v), residuals: [item(ru), item(rv)] };
      },
      outer: async (x, u, v, sigma) => vectorData(await outer({ x, u, v, data, sigma: scalarOf(sigma) })),
    },
    start: { x0: layoutX.pack(x0), y0: layoutY.pack(y0) },
    packX: layoutX.pack,
    unpackX: (x) => layoutX.unpack(x),
    packY: layoutY.pack,
    unpackY: (y) => layoutY.unpack(y),
    dispose,
    [Symbol.dispose]: dispose,
  };
}
