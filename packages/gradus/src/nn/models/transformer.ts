import { type ArrayValue, add, type Tensor } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger, checkWithin } from "../../check/numbers.ts";
import { checkBoolean, checkGivenOptions } from "../../check/options.ts";
import { type Activation, activationOf } from "../activations.ts";
import { type AttentionParameters, attention, attentionParameters } from "../attention.ts";
import { type DenseParameters, dense, denseParameters } from "../dense.ts";
import { type DropoutState, dropout, dropoutState, nextDropoutState } from "../dropout.ts";
import type { Initializer } from "../initializers.ts";
import {
  type LayerNormalizationParameters,
  layerNormalization,
  layerNormalizationParameters,
} from "../layer-normalization.ts";
import { checkedStart, type Model, type ModelStart } from "../model.ts";

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
  /** The probability that an entry is dropped in training: of attention weights, hidden units and what is added. */
  readonly dropoutRate?: number;
  readonly initializer?: Initializer;
}

/** A transformer: in evaluation a model like others, in training one whose dropout has a state. */
export interface Transformer
  extends Model<TransformerParameters<ArrayValue>, readonly [x: Tensor, mask?: Tensor]> {
  /** Dropout's state before the first step. */
  state(start: ModelStart): DropoutState<ArrayValue>;
  /** In training: the output on a batch, and the next state. */
  applyTraining(
    parameters: TransformerParameters,
    state: DropoutState,
    x: Tensor,
    mask?: Tensor,
  ): { readonly output: Tensor; readonly state: DropoutState };
}

/** Places in a block where entries are dropped. */
const DROPS = 4;

/**
 * A transformer: blocks of self-attention A and a network of one hidden layer F, the same at every position, each added
 * to what it was given normalized: h = x + A(N_1 x), then h + F(N_2 h); the last block's output is normalized. It knows
 * no order of positions but by `causal`: add features of the positions to the input, such as an `embedding` of theirs.
 * In training, dropout takes entries of A's weights, of F's hidden units, and of A(N_1 x) and F(N_2 h), by the seeds 0 to
 * 4 blocks - 1: dropouts of one's own that share the state need others.
 * Source: Vaswani et al. 2017; normalized first as in Xiong et al. 2020, "On layer normalization in the transformer
 * architecture", figure 1b.
 *
 * @returns a model of x [batch, length, width] and, for sequences of different lengths, the mask of `attention`, to
 *   [batch, length, width]
 * @throws ArgumentError unless sizes are integers >= 1, heads divide the width and dropoutRate is in [0, 1), or for an
 *   unknown option or activation
 */
export function transformer(options: TransformerOptions): Transformer {
  checkGivenOptions("transformer", options, [
    "width",
    "heads",
    "blocks",
    "hidden",
    "activation",
    "causal",
    "dropoutRate",
    "initializer",
  ]);
  const {
    width,
    heads,
    blocks,
    hidden = 4 * width,
    activation = "gelu",
    causal = false,
    dropoutRate = 0,
    initializer,
  } = options;
  checkPositiveInteger({ width, heads, blocks, hidden });
  checkBoolean({ causal });
  checkWithin("[0, 1)", { dropoutRate });
  if (width % heads !== 0) throw new ArgumentError(`heads must divide the width ${width}, got ${heads}`);
  const active = activationOf(activation);

  type Drop = (h: Tensor, seed: number) => Tensor;
  function through(
    parameters: TransformerParameters,
    x: Tensor,
    mask: Tensor | undefined,
    drop: Drop,
  ): Tensor {
    const h = parameters.blocks.reduce((h, p, i) => {
      const first = DROPS * i;
      const heard = attention(p.attention, layerNormalization(p.attentionNormalization, h), {
        ...{ heads, causal, mask },
        dropWeights: (weights) => drop(weights, first),
      });
      const seen = add(h, drop(heard, first + 1));
      const units = active(dense(p.hidden, layerNormalization(p.hiddenNormalization, seen)));
      return add(seen, drop(dense(p.output, drop(units, first + 2)), first + 3));
    }, x);
    return layerNormalization(parameters.normalization, h);
  }

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
    state(start) {
      return dropoutState(checkedStart("transformer.state", start).stream.split("dropout"));
    },
    applyTraining: (parameters, state, x, mask) => ({
      output: through(parameters, x, mask, (h, seed) => dropout(state, h, { rate: dropoutRate, seed })),
      state: nextDropoutState(state),
    }),
    apply: (parameters, x, mask) => through(parameters, x, mask, (h) => h),
  };
}
