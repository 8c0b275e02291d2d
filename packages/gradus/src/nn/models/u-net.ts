import { type ArrayValue, concat, silu, type Tensor, upsampleNearest } from "@gradus/graph";
import { ArgumentError } from "../../check/errors.ts";
import { checkPositiveInteger } from "../../check/numbers.ts";
import { checkGivenOptions, checkOptions } from "../../check/options.ts";
import { type ConvolutionParameters, convolutionLayer, convolutionParameters } from "../convolution-layer.ts";
import {
  type GroupNormalizationParameters,
  groupNormalization,
  groupNormalizationParameters,
} from "../group-normalization.ts";
import { heNormal, type Initializer } from "../initializers.ts";
import { checkedStart, type Model, type ModelStart } from "../model.ts";
import { type ResidualBlockParameters, residualBlock, residualBlockParameters } from "../residual-block.ts";
import { type MlpParameters, mlp } from "./mlp.ts";
import { type TimeOptions, timeFeatures } from "./time-features.ts";

type Blocks<T> = readonly ResidualBlockParameters<T>[];

/** The trained parameters of a U-Net. */
export type UNetParameters<T = Tensor> = {
  /** One entry, from the time features to the condition of all blocks; none without time. */
  readonly time: readonly MlpParameters<T>[];
  readonly first: ConvolutionParameters<T>;
  /** From fine to coarse: blocks and, except at the coarsest level, the convolution that halves the sizes. */
  readonly down: readonly {
    readonly blocks: Blocks<T>;
    readonly halve: readonly ConvolutionParameters<T>[];
  }[];
  /** From coarse to fine: the convolution after the sizes are doubled, and blocks. */
  readonly up: readonly { readonly double: ConvolutionParameters<T>; readonly blocks: Blocks<T> }[];
  readonly lastNormalization: GroupNormalizationParameters<T>;
  readonly last: ConvolutionParameters<T>;
};

export interface UNetOptions {
  /** Spatial axes, 1 to 3. */
  readonly dimension: 1 | 2 | 3;
  readonly channels: number;
  readonly outputs?: number;
  /** Channels at each level, from the finest on; each level halves the sizes of the previous one. */
  readonly filters: readonly number[];
  /** Residual blocks per level in each direction, down and up. */
  readonly blocks?: number;
  /** Groups of the normalizations; must divide all `filters`. */
  readonly groups?: number;
  readonly paddingMode?: "zero" | "circular";
  /** If given, the model takes times in addition to its inputs; `width` features of an MLP condition all blocks. */
  readonly time?: TimeOptions & { readonly width: number };
  readonly initializer?: Initializer;
}

function checked({ channels, outputs = channels, filters, blocks = 2, groups = 8, time }: UNetOptions): void {
  checkPositiveInteger({ channels, outputs, blocks, groups });
  if (filters.length === 0) throw new ArgumentError("filters must have at least one number, got none");
  filters.forEach((count, level) => {
    checkPositiveInteger({ [`filters[${level}]`]: count });
    if (count % groups !== 0)
      throw new ArgumentError(`filters[${level}] must be divisible by ${groups} groups, got ${count}`);
    // A normalization over a single channel would cancel what a condition adds to it.
    if (time && count === groups)
      throw new ArgumentError(
        `filters[${level}] must be more than ${groups} groups when the model has times, got ${count}`,
      );
  });
}

/**
 * A U-Net: residual blocks at increasingly coarse levels, connected by convolutions of stride 2, then back by nearest
 * upsampling and a convolution, with skip connections to the blocks of the same level.
 * Source: Ronneberger, Fischer & Brox 2015; with group normalization and time as in Ho, Jain & Abbeel 2020.
 *
 * @returns a model of x [batch, channels, ...sizes], sizes divisible by 2^(levels - 1), and, with `time`, t [batch]
 * @throws ArgumentError unless sizes are integers >= 1 and groups divide the filters, or for an unknown option
 */
export function uNet(
  options: UNetOptions,
): Model<UNetParameters<ArrayValue>, readonly [x: Tensor, t?: Tensor]> {
  checkGivenOptions("uNet", options, [
    "dimension",
    "channels",
    "outputs",
    "filters",
    "blocks",
    "groups",
    "paddingMode",
    "time",
    "initializer",
  ]);
  checkOptions("time", options.time, ["features", "width", "maxPeriod", "scale"]);
  checked(options);
  const {
    dimension,
    channels,
    outputs = channels,
    filters,
    blocks = 2,
    groups = 8,
    paddingMode,
    time,
  } = options;
  const { initializer = heNormal } = options;
  const condition =
    time && mlp({ inputs: time.features, hidden: [time.width], outputs: time.width, activation: "silu" });
  const kernel = new Array<number>(dimension).fill(3);
  const twice = new Array<number>(dimension).fill(2);
  const same = { padding: "same", paddingMode } as const;
  const finer = filters.slice(0, -1).reverse();

  function parameters(start: ModelStart) {
    const { stream, dtype } = checkedStart("uNet.parameters", start);
    const convolution = (name: string, from: number, to: number) =>
      convolutionParameters({
        inputs: from,
        outputs: to,
        kernel,
        stream: stream.split(name),
        initializer,
        dtype,
      });
    const blocksOf = (name: string, first: number, to: number) =>
      Array.from({ length: blocks }, (_, i) =>
        residualBlockParameters({
          inputs: i === 0 ? first : to,
          outputs: to,
          dimension,
          conditionFeatures: time?.width ?? 0,
          stream: stream.split(`${name} ${i}`),
          initializer,
          dtype,
        }),
      );
    return {
      time: condition ? [condition.parameters({ stream: stream.split("time"), dtype })] : [],
      first: convolution("first", channels, filters[0]),
      down: filters.map((to, level) => ({
        blocks: blocksOf(`down ${level}`, filters[Math.max(0, level - 1)], to),
        halve: level + 1 < filters.length ? [convolution(`halve ${level}`, to, to)] : [],
      })),
      up: finer.map((to, i) => {
        const level = finer.length - 1 - i;
        return {
          double: convolution(`double ${level}`, filters[level + 1], filters[level + 1]),
          blocks: blocksOf(`up ${level}`, filters[level + 1] + to, to),
        };
      }),
      lastNormalization: groupNormalizationParameters(filters[0], dtype),
      last: convolution("last", filters[0], outputs),
    };
  }

  function apply(p: UNetParameters, x: Tensor, t?: Tensor): Tensor {
    const tile = 2 ** (filters.length - 1);
    if (x.shape.slice(2).some((size) => typeof size !== "number" || size % tile !== 0))
      throw new ArgumentError(`x must have sizes divisible by ${tile}, got [${x.shape.join(", ")}]`);
    const features = timeFeatures(t, time);
    const given = condition && features && condition.apply(p.time[0], features);
    const through = (list: Blocks<Tensor>, from: Tensor) =>
      list.reduce((h, block) => residualBlock(block, h, given, { groups, paddingMode }), from);
    let h = convolutionLayer(p.first, x, same);
    const seen: Tensor[] = [];
    for (const { blocks: list, halve } of p.down) {
      h = through(list, h);
      seen.push(h);
      if (halve.length > 0) h = convolutionLayer(halve[0], h, { strides: 2, padding: 1, paddingMode });
    }
    p.up.forEach(({ double, blocks: list }, i) => {
      const upsampled = convolutionLayer(double, upsampleNearest(h, twice), same);
      h = through(list, concat([upsampled, seen[finer.length - 1 - i]], { axis: 1 }));
    });
    return convolutionLayer(p.last, silu(groupNormalization(p.lastNormalization, h, { groups })), same);
  }

  return { parameters, apply };
}
