import {
  type CompileOptions,
  compile,
  type Inputs,
  type Outputs,
  type Prepared,
  type Specs,
  type StagedFunction,
  stage,
  type Traced,
} from "@gradus/graph";

/**
 * So many products at one place are taken whole, the ones after them in two parts: preparing takes about as long as a
 * product and saves a quarter to a third of each, so that it pays from about the fourth on (measured for networks from
 * 10,000 to 100,000 parameters).
 */
const WHOLE_PRODUCTS = 4;

/** A function of a place and of what varies there, compiled for many calls at one place. */
export interface RepeatedProducts<F, V, R> {
  /**
   * The products at one place, whose arrays must stay as they are.
   *
   * @param keep whether what depends on the place alone may be kept for all products
   */
  at(fixed: F, keep?: boolean): (varying: V) => Promise<R>;
  /** Frees what was compiled, and what is being compiled once it is. */
  dispose(): void;
}

/**
 * Compiles a product. The first few at a place are computed whole; from then on what depends on the place alone is
 * computed once. The numbers are the same but for roundings.
 *
 * @throws what `compile` throws
 */
export async function repeatedProducts<const F extends Specs, const V extends Specs, O>(
  product: (fixed: Traced<F>, varying: Traced<V>) => O,
  specs: { readonly fixed: F; readonly varying: V },
  options: CompileOptions = {},
): Promise<RepeatedProducts<Inputs<F>, Inputs<V>, Outputs<O>>> {
  const traced = ({ fixed, varying }: { readonly fixed: Traced<F>; readonly varying: Traced<V> }) =>
    product(fixed, varying);
  const whole = await compile<typeof specs, O>(traced, specs, options);
  let staged: Promise<StagedFunction<Inputs<F>, Inputs<V>, Outputs<O>>> | undefined;

  async function prepare(fixed: Inputs<F>) {
    staged ??= stage<F, V, O>(traced, specs, options);
    return (await staged).prepare(fixed);
  }

  return {
    at(fixed, keep = true) {
      let taken = 0;
      let prepared: Promise<Prepared<Inputs<V>, Outputs<O>>> | undefined;
      return async (varying) => {
        taken += 1;
        if (!keep || taken <= WHOLE_PRODUCTS) return whole.run({ fixed, varying });
        prepared ??= prepare(fixed);
        return (await prepared).apply(varying);
      };
    },
    dispose() {
      void whole.dispose();
      staged?.then(
        (program) => program.dispose(),
        () => undefined,
      );
    },
  };
}
