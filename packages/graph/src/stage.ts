import { checkFunction } from "./check.ts";
import { type CompileOptions, compileOptions, load, type Outputs } from "./compile.ts";
import type { Inputs } from "./inputs.ts";
import { partition } from "./partition.ts";
import type { ArrayValue } from "./runtime/runtime.ts";
import { type Specs, type Traced, trace } from "./trace.ts";

/** A staged function at fixed inputs, to be applied to varying ones. Holds only arrays. */
export interface Prepared<V, R> {
  /**
   * The function's result, equal to that of the unstaged function up to rounding.
   *
   * @throws InputError naming the input whose type or shape does not match the signature
   * @throws DisposedError when the staged function has been disposed of
   */
  apply(varying: V): Promise<R>;
}

/** A function compiled in two parts. Holds native memory: declare it with `using`, or call `dispose`. */
export interface StagedFunction<F, V, R> extends Disposable, AsyncDisposable {
  /**
   * Computes, once, everything that depends only on the fixed inputs. Later changes to their arrays have no effect.
   *
   * @throws InputError naming the input whose type or shape does not match the signature
   */
  prepare(fixed: F): Promise<Prepared<V, R>>;
  /** Rejects later runs, waits for those in progress, then frees both programs; resolves when they are freed. */
  dispose(): Promise<void>;
}

/**
 * Compiles a function of `{ fixed, varying }` in two parts, for many varying inputs at the same fixed ones: everything
 * that depends only on the fixed inputs is computed once. For example, Hessian-vector products at one point share the
 * forward and backward passes between vectors, and the linearization x' -> J(x) x' of any function is
 *
 *     using tangents = await stage(({ fixed: x, varying: t }) => jvp(f, x, t).tangent, { fixed: spec, varying: spec });
 *     const linear = await tangents.prepare(x);
 *     for (const t of directions) await linear.apply(t);
 *
 * Operations that cost nothing (constants, reshapes, broadcasts) are repeated instead of kept. A loop that uses varying
 * inputs is repeated as a whole.
 *
 * @param f from a tree of tensors to a tree of tensors
 * @param specs the signatures of both kinds of inputs; a named dimension in both has the same size
 * @throws what `compile` throws
 */
export async function stage<const F extends Specs, const V extends Specs, O>(
  f: (inputs: { readonly fixed: Traced<F>; readonly varying: Traced<V> }) => O,
  specs: { readonly fixed: F; readonly varying: V },
  options: CompileOptions = {},
): Promise<StagedFunction<Inputs<F>, Inputs<V>, Outputs<O>>> {
  compileOptions("stage", options);
  checkFunction({ "stage: f": f });
  const begun = performance.now();
  const whole = trace(
    ({ fixed, varying }) => f({ fixed: fixed as Traced<F>, varying: varying as Traced<V> }),
    { fixed: specs.fixed as Specs, varying: specs.varying as Specs },
  );
  const { preparation, application } = partition(whole);
  const first = await load<{ readonly fixed: Inputs<F> }, readonly ArrayValue[]>(preparation, options, begun);
  const between = performance.now();
  const second = await load<
    { readonly kept: readonly ArrayValue[]; readonly varying: Inputs<V> },
    Outputs<O>
  >(application, options, between).catch((error: unknown) => {
    first.dispose();
    throw error;
  });
  const dispose = async () => {
    await Promise.all([first.dispose(), second.dispose()]);
  };
  return {
    async prepare(fixed) {
      const kept = await first.run({ fixed });
      return { apply: (varying) => second.run({ kept, varying }) };
    },
    dispose,
    [Symbol.dispose]: () => void dispose(),
    [Symbol.asyncDispose]: dispose,
  };
}
