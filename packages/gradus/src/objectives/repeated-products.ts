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
 * product and saves a quarter to a third of each, so that it pays from about the fourth on, once the parts are compiled
 * (measured for networks from 10,000 to 100,000 parameters).
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
 * A product, compiled at the first call. The first few at a place are computed whole; from then on what depends on the
 * place alone is computed once. The numbers are the same but for roundings.
 *
 * @param worthParts after how many products, at all places together, compiling the two parts is worth it
 * @throws (from a call) what `compile` throws
 */
export function repeatedProducts<const F extends Specs, const V extends Specs, O>(
  product: (fixed: Traced<F>, varying: Traced<V>) => O,
  specs: { readonly fixed: F; readonly varying: V },
  options: CompileOptions = {},
  worthParts = WHOLE_PRODUCTS,
): RepeatedProducts<Inputs<F>, Inputs<V>, Outputs<O>> {
  const traced = ({ fixed, varying }: { readonly fixed: Traced<F>; readonly varying: Traced<V> }) =>
    product(fixed, varying);
  const compileWhole = () => compile<typeof specs, O>(traced, specs, options);
  let whole: ReturnType<typeof compileWhole> | undefined;
  let total = 0;
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
        total += 1;
        if (!keep || taken <= WHOLE_PRODUCTS || (!staged && total <= worthParts)) {
          whole ??= compileWhole();
          return (await whole).run({ fixed, varying });
        }
        prepared ??= prepare(fixed);
        return (await prepared).apply(varying);
      };
    },
    dispose() {
      for (const compiled of [whole, staged])
        compiled?.then(
          (program: Disposable) => program[Symbol.dispose](),
          () => undefined,
        );
    },
  };
}
