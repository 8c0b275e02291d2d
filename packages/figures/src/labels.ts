/** A label to be placed right of `(x, y)`, in pixels. */
export interface LabelRequest {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Vertical distance between labels in pixels. */
export const LABEL_HEIGHT = 14;
/** Gap between the end of a line and its label in pixels. */
export const LABEL_GAP = 6;

/**
 * Vertical positions of labels without overlap: each as close to the requested one as those above it allow, all between
 * `top` and `bottom` while they fit.
 */
export function spreadLabels(wishes: readonly LabelRequest[], top: number, bottom: number): number[] {
  const order = wishes.map((_, i) => i).sort((a, b) => wishes[a].y - wishes[b].y);
  const placed = wishes.map(({ y }) => y);
  const meets = (a: number, b: number) =>
    wishes[a].x < wishes[b].x + wishes[b].width + LABEL_GAP &&
    wishes[b].x < wishes[a].x + wishes[a].width + LABEL_GAP;
  order.forEach((i, k) => {
    let floor = top;
    for (const above of order.slice(0, k))
      if (meets(i, above)) floor = Math.max(floor, placed[above] + LABEL_HEIGHT);
    placed[i] = Math.max(placed[i], floor);
  });
  order.reverse().forEach((i, k) => {
    let ceiling = bottom;
    for (const below of order.slice(0, k))
      if (meets(i, below)) ceiling = Math.min(ceiling, placed[below] - LABEL_HEIGHT);
    placed[i] = Math.min(placed[i], ceiling);
  });
  return placed;
}

/** The end of a line as a fraction of the plot's width, and the width of its label in pixels. */
export interface LineEnd {
  readonly share: number;
  readonly labelWidth: number;
}

/** The right margin that keeps every label inside a figure of `width` pixels with left margin `left`. */
export function labelMargin(ends: readonly LineEnd[], width: number, left: number, least: number): number {
  let margin = least;
  for (const { share, labelWidth } of ends) {
    // left + share * (width - left - margin) + gap + label <= width
    const needed =
      share > 0 ? width - left - (width - left - LABEL_GAP - labelWidth) / share : Number.NEGATIVE_INFINITY;
    margin = Math.max(margin, needed);
  }
  return margin;
}

/** Whether a label would cover a line, given by its points in pixels from left to right. */
export function labelCoversLine(
  { x, y, width }: LabelRequest,
  line: readonly { readonly x: number; readonly y: number }[],
): boolean {
  const half = LABEL_HEIGHT / 2 - 1;
  for (let i = 1; i < line.length; i++) {
    const [from, to] = line[i - 1].x <= line[i].x ? [line[i - 1], line[i]] : [line[i], line[i - 1]];
    const left = Math.max(from.x, x);
    const right = Math.min(to.x, x + width);
    if (left > right || to.x === from.x) continue;
    const at = (position: number) => from.y + ((position - from.x) / (to.x - from.x)) * (to.y - from.y);
    const ends = [at(left), at(right)];
    if (Math.min(...ends) < y + half && Math.max(...ends) > y - half) return true;
  }
  return false;
}
