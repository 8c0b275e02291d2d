import { productOf } from "../../dimension-polynomials.ts";
import { clip } from "../../ops/activations.ts";
import { add, minimum, mul, sub } from "../../ops/arithmetic.ts";
import { and, lessEqual } from "../../ops/compare.ts";
import { gather } from "../../ops/indexing.ts";
import { range } from "../../ops/range.ts";
import { floor, remainder } from "../../ops/rounding.ts";
import { cast, where } from "../../ops/select.ts";
import { expandDims, reshape } from "../../ops/shape.ts";
import type { Dimension } from "../../shape.ts";
import type { Tensor } from "../../tensor.ts";
import { moveAxis } from "./axes.ts";

/** What is read beyond an image: zeros, the nearest entry, or entries reflected at its edges or at the outer centers. */
export type Outside = "zeros" | "border" | "edges" | "centers";

/** Images as rows of channels, to be read at places along their spatial axes. */
export interface Images {
  /** [images area, channels]. */
  readonly rows: Tensor;
  /** The first row of the image of each list of places, [lists, 1]. */
  readonly first: Tensor;
  readonly sizes: readonly number[];
  readonly outside: Outside;
}

/** The images of x [N, C, ...sizes], one for each list of places, or those at `which`. */
export function imagesOf(x: Tensor, sizes: readonly number[], outside: Outside, which?: Tensor): Images {
  const area = productOf(sizes);
  const channelsLast = moveAxis(x, 1, x.shape.length - 1);
  const rows = reshape(channelsLast, [productOf([x.shape[0], area]), x.shape[1]]);
  const first = mul(which ?? range(x.shape[0]), Number(area));
  return { rows, first: expandDims(first, -1), sizes, outside };
}

/** Positions along an axis of the size that are within the image, or where zeros are read. */
export function within(position: Tensor, size: number, outside: Outside): Tensor {
  if (outside === "zeros") return position;
  if (outside === "border") return clip(position, 0, size - 1);
  const low = outside === "edges" ? -0.5 : 0;
  const span = size - 1 - 2 * low;
  if (span === 0) return mul(position, 0);
  const folded = remainder(sub(position, low), 2 * span);
  return add(minimum(folded, sub(2 * span, folded)), low);
}

/** The entries at whole positions along each axis, [lists, places] each: [lists, places, channels]. */
export function entriesAt({ rows, first, sizes, outside }: Images, positions: readonly Tensor[]): Tensor {
  let inside: Tensor | undefined;
  let flat: Tensor | undefined;
  positions.forEach((position, axis) => {
    const last = sizes[axis] - 1;
    if (outside === "zeros") {
      const both = and(lessEqual(0, position), lessEqual(position, last));
      inside = inside ? and(inside, both) : both;
    }
    const whole = cast(clip(within(position, sizes[axis], outside), 0, last), "i64");
    flat = flat ? add(mul(flat, sizes[axis]), whole) : whole;
  });
  const entries = gather(rows, flat ? add(flat, first) : first);
  return inside ? where(expandDims(inside, -1), entries, 0) : entries;
}

/** Entries near a position along one axis, relative to the one below it, and their weights. */
export type Taps = (fraction: Tensor) => readonly { readonly offset: number; readonly weight: Tensor }[];

/** The two neighbors, by their distance. */
export const linearTaps: Taps = (t) => [
  { offset: 0, weight: sub(1, t) },
  { offset: 1, weight: t },
];

/** The four neighbors, by the cubic kernel with the coefficient -3/4 (Keys 1981). */
export const cubicTaps: Taps = (t) => {
  const a = -0.75;
  const near = (x: Tensor) => add(mul(mul(sub(mul(x, a + 2), a + 3), x), x), 1);
  const far = (x: Tensor) => sub(mul(add(mul(sub(mul(x, a), 5 * a), x), 8 * a), x), 4 * a);
  const back = sub(1, t);
  return [
    { offset: -1, weight: far(add(t, 1)) },
    { offset: 0, weight: near(t) },
    { offset: 1, weight: near(back) },
    { offset: 2, weight: far(add(back, 1)) },
  ];
};

/** Images interpolated at positions along each axis, [lists, places] each: [lists, places, channels]. */
export function interpolated(images: Images, positions: readonly Tensor[], taps: Taps): Tensor {
  const axes = positions.map((position) => {
    const below = floor(position);
    return taps(sub(position, below)).map(({ offset, weight }) => ({ at: add(below, offset), weight }));
  });
  const terms = axes.reduce<{ at: Tensor[]; weight: Tensor | undefined }[]>(
    (partial, own) =>
      partial.flatMap(({ at, weight }) =>
        own.map((tap) => ({ at: [...at, tap.at], weight: weight ? mul(weight, tap.weight) : tap.weight })),
      ),
    [{ at: [], weight: undefined }],
  );
  return terms
    .map(({ at, weight }) => {
      const entries = entriesAt(images, at);
      return weight ? mul(entries, expandDims(weight, -1)) : entries;
    })
    .reduce((a, b) => add(a, b));
}

/** Interpolated entries [lists, places, channels] as [lists, channels, ...output]. */
export function channelsFirst(entries: Tensor, output: readonly Dimension[]): Tensor {
  const turned = moveAxis(entries, 2, 1);
  return reshape(turned, [turned.shape[0], turned.shape[1], ...output]);
}
