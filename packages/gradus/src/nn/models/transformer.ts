import { type ArrayValue, add, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkBoolean, checkGivenOptions } from "../../check/options.ts";
import { type Activation, activationOf } from "../activations.ts";
import { type AttentionParameters, attention, attentionParameters } from "../attention.ts";
import { type DenseParameters, dense, denseParameters } from "../dense.ts";
import type { Initializer } from "../initializers.ts";
import {
  type LayerNormalizationParameters,
  layerNormalization,
  layerNormalizationParameters,
} from "../layer-normalization.ts";
import { checkedStart, type Model } from "../model.ts";

/** The trained parameters of a transformer. */
export type TransformerParameters<T = Tensor> = {
  /** From the input to the output. */
  readonly blocks: readonly {
    readonly attentionNormalization: LayerNormalizationParameters<T>;
    readonly attention: AttentionParameters<T>;
    readonly hiddenNormalization: LayerNormalizationParameters<T>;
    readonly hidden: DenseParameters<T>;
    readonly output: DenseParameters<T>;
  }[];
  readonly normalization: LayerNormalizationParameters<T>;
};

export interface TransformerOptions {
  /** Features of a position. */
  readonly width: number;
  /** Heads of each attention, a divisor of the width. */
  readonly heads: number;
  readonly blocks: number;
  /** Hidden units at each position; four times the width by default. */
  readonly hidden?: number;
  readonly activation?: Activation;
  /** Whether a position sees itself and earlier ones alone, as for predicting what comes next. */
  readonly causal?: boolean;
  readonly initializer?: Initializer;
}

/**
 * A transformer: blocks of self-attention A and a network of one hidden layer F, the same at every position, each added
 * to what it was given normalized: h = x + A(N_1 x), then h + F(N_2 h); the last block's output is normalized. It knows
 * no order of positions but by `causal`: add features of the positions to the input, such as an `embedding` of theirs.
 * Source: Vaswani et al. 2017; normalized first as in Xiong et al. 2020, "On layer normalization in the transformer
 * architecture", figure 1b.
 *
 * @returns a model of x [batch, length, width] and, for sequences of different lengths, the mask of `attention`, to
 *   [batch, length, width]
 * @throws ArgumentError unless sizes are integers >= 1 and heads divide the width, or for an unknown option or activation
 */
export function transformer(
  options: TransformerOptions,
): Model<TransformerParameters<ArrayValue>, readonly [x: Tensor, mask?: Tensor]> {
  checkGivenOptions("transformer", options, [
    "width",
    "heads",
    "blocks",
    "hidden",
    "activation",
    "causal",
    "initializer",
  ]);
  const {
    width,
    heads,
    blocks,
    hidden = 4 * width,
    activation = "gelu",
    causal = false,
    initializer,
  } = options;
  checkPositiveInteger({ width, heads, blocks, hidden });
  checkBoolean({ causal });
  if (width % heads !== 0) throw new ArgumentError(`heads must divide the width ${width}, got ${heads}`);
  const active = activationOf(activation);
  return {
    parameters(start) {
      const { stream, dtype } = checkedStart("transformer.parameters", start);
      const block = (i: number) => {
        const own = stream.split(i);
        const layer = (name: string, inputs: number, outputs: number) =>
          denseParameters({ inputs, outputs, stream: own.split(name), initializer, dtype });
        return {
          attentionNormalization: layerNormalizationParameters([width], dtype),
          attention: attentionParameters({ width, stream: own.split("attention"), initializer, dtype }),
          hiddenNormalization: layerNormalizationParameters([width], dtype),
          hidden: layer("hidden", width, hidden),
          output: layer("output", hidden, width),
        };
      };
      return {
        blocks: Array.from({ length: blocks }, (_, i) => block(i)),
        normalization: layerNormalizationParameters([width], dtype),
      };
    },
    apply(parameters, x, mask) {
      const h = parameters.blocks.reduce((h, p) => {
        const seen = add(
          h,
          attention(p.attention, layerNormalization(p.attentionNormalization, h), { heads, causal, mask }),
        );
        const units = active(dense(p.hidden, layerNormalization(p.hiddenNormalization, seen)));
        return add(seen, dense(p.output, units));
      }, x);
      return layerNormalization(parameters.normalization, h);
    },
  };
}
