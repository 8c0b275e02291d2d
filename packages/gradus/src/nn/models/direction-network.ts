import { type ArrayValue, add, averagePool, relu, type Tensor, upsampleNearest } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { type ConvolutionParameters, convolutionLayer, convolutionParameters } from "../convolution-layer.ts";
import type { Initializer } from "../initializers.ts";
import { checkedStart, type Model } from "../model.ts";

type Pair<T> = readonly [ConvolutionParameters<T>, ConvolutionParameters<T>];

/** The trained parameters of a direction network. */
export type DirectionNetworkParameters<T = Tensor> = {
  readonly first: ConvolutionParameters<T>;
  readonly pre: readonly Pair<T>[];
  readonly coarse: readonly Pair<T>[];
  readonly fine: readonly Pair<T>[];
  /** From the filters to one number per cell. */
  readonly last: ConvolutionParameters<T>;
};

export interface DirectionNetworkOptions {
  /** Spatial axes, 1 to 3. */
  readonly dimension: 1 | 2 | 3;
  readonly filters?: number;
  /** Pairs of convolutions before downsampling. */
  readonly pre?: number;
  /** Residual blocks on the coarse grid. */
  readonly coarse?: number;
  /** Residual blocks on the fine grid after upsampling. */
  readonly fine?: number;
  readonly initializer?: Initializer;
}

/** @throws ArgumentError unless the sizes can be halved */
function checkEven({ shape }: Tensor, dimension: number): void {
  const sizes = shape.slice(2);
  if (sizes.length !== dimension || !sizes.every((size) => typeof size === "number" && size % 2 === 0))
    throw new ArgumentError(
      `directionNetwork takes [batch, 1, ...sizes] with ${dimension} even sizes, got [${shape.join(", ")}]; surround a grid of odd size by a row of solid cells`,
    );
}

/**
 * The network of the deep conjugate direction method, from a residual on a grid to a search direction: convolutions of
 * width 3 with ReLU and skip connections, residual blocks on a grid of half the size (average pooling by 2, nearest
 * upsampling back), residual blocks on the fine grid, and a linear map of each cell. The defaults are the authors'
 * network for grids with 64 cells per side; with pre 3, coarse 4 and fine 3 it is the one for 128.
 * Source: Kaneda et al. 2023.
 *
 * @returns a model from x [batch, 1, ...sizes], sizes even, to the same shape; its parameters fit every size
 * @throws ArgumentError unless counts are integers >= 1, or for an unknown option; the model, for a size that cannot be
 *   halved
 */
export function directionNetwork(
  options: DirectionNetworkOptions,
): Model<DirectionNetworkParameters<ArrayValue>> {
  checkGivenOptions("directionNetwork", options, [
    "dimension",
    "filters",
    "pre",
    "coarse",
    "fine",
    "initializer",
  ]);
  const { dimension, filters = 16, pre = 2, coarse = 3, fine = 2, initializer } = options;
  checkPositiveInteger({ filters, pre, coarse, fine });
  const twice = new Array<number>(dimension).fill(2);
  const linear = (p: ConvolutionParameters, x: Tensor) => convolutionLayer(p, x, { padding: "same" });
  const rectified = (p: ConvolutionParameters, x: Tensor) => relu(linear(p, x));
  const through = (blocks: readonly Pair<Tensor>[], x: Tensor) =>
    blocks.reduce((h, [inner, outer]) => add(rectified(outer, rectified(inner, h)), h), x);
  return {
    parameters(start) {
      const { stream, dtype } = checkedStart("directionNetwork.parameters", start);
      const convolution = (name: string, inputs: number, outputs: number, size: number) =>
        convolutionParameters({
          inputs,
          outputs,
          kernel: new Array<number>(dimension).fill(size),
          stream: stream.split(name),
          initializer,
          dtype,
        });
      const pairs = (name: string, count: number) =>
        Array.from(
          { length: count },
          (_, i): Pair<ArrayValue> => [
            convolution(`${name} ${i} inner`, filters, filters, 3),
            convolution(`${name} ${i} outer`, filters, filters, 3),
          ],
        );
      return {
        first: convolution("first", 1, filters, 3),
        pre: pairs("pre", pre),
        coarse: pairs("coarse", coarse),
        fine: pairs("fine", fine),
        last: convolution("last", filters, 1, 1),
      };
    },
    apply({ first, pre: [start, ...further], coarse: coarseBlocks, fine: fineBlocks, last }, x) {
      checkEven(x, dimension);
      let a = rectified(start[0], linear(first, x));
      let b = rectified(start[1], a);
      for (const [inner, outer] of further) {
        a = add(rectified(inner, b), a);
        b = rectified(outer, a);
      }
      const halved = through(coarseBlocks, averagePool(b, { size: twice }));
      return linear(last, through(fineBlocks, add(upsampleNearest(halved, twice), b)));
    },
  };
}
