/** The widths in pixels for which figures are drawn; pages scale them by less than a quarter. */
export const WIDTHS = [280, 320, 377, 480, 620, 778] as const;

export type FigureWidth = (typeof WIDTHS)[number];

/** Where a page shows a figure: across the lab, in one of its two columns, or on the card beside the abstract. */
export type FigureSlot = "wide" | "half" | "card";

interface Step {
  /** Of the window, in pixels. */
  readonly from: number;
  readonly width: FigureWidth;
}

/** On narrow windows all slots are as wide as the text. */
const NARROW: readonly Step[] = [
  { from: 686, width: 620 },
  { from: 546, width: 480 },
  { from: 443, width: 377 },
  { from: 378, width: 320 },
  { from: 0, width: 280 },
];

/** Between 721 and 1000 pixels the form stands beside the figures. */
const LAB: readonly Step[] = [
  { from: 922, width: 620 },
  { from: 782, width: 480 },
  { from: 721, width: 377 },
  ...NARROW,
];

/** The width that is drawn in a window at least so wide, the widest windows first, as the pages' style sheets have it. */
export const STEPS: Readonly<Record<FigureSlot, readonly Step[]>> = {
  wide: [{ from: 1001, width: 778 }, ...LAB],
  half: [{ from: 1001, width: 377 }, ...LAB],
  card: [{ from: 961, width: 377 }, { from: 860, width: 778 }, ...NARROW],
};

/** The width that is drawn in a slot of a window of `window` pixels. */
export function drawnWidth(slot: FigureSlot, window: number): FigureWidth {
  return STEPS[slot].find(({ from }) => window >= from)?.width ?? WIDTHS[0];
}

/** All of a figure on the card, in pixels, whatever it shows. */
export const CARD_HEIGHT = 268;

/** Around a figure in a page, in pixels: what is drawn at its edges is not cut off. */
export const PADDING = 2;

/** A figure beside a paper in a list, in pixels, whatever it shows. */
export const LIST_WIDTH = 240;
export const LIST_HEIGHT = 160;
