// Widths of Helvetica's glyphs in thousandths of the font size, as its metrics file states them.
const GLYPHS: readonly (readonly [glyphs: string, width: number])[] = [
  ["'", 191],
  ["ijl", 222],
  ["|", 260],
  [" !,./:;I[\\]ft", 278],
  ["()-`r", 333],
  ['"', 355],
  ["*", 389],
  ["^", 469],
  ["Jcksvxyz", 500],
  ["#$0123456789?L_abdeghnopqu", 556],
  ["+<=>~−", 584],
  ["FTZ", 611],
  ["&ABEKPSVXY", 667],
  ["CDHNRUw", 722],
  ["GOQ", 778],
  ["Mm", 833],
  ["%", 889],
  ["W", 944],
  ["@", 1015],
];
const WIDTHS = new Map(GLYPHS.flatMap(([glyphs, width]) => [...glyphs].map((glyph) => [glyph, width])));
const OTHER = 600;
const WIDE = /[\u1100-\u115F\u2E80-\u9FFF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60]/;
/** The faces that stand in for a page's sans face are up to so much wider than Helvetica, DejaVu Sans the widest. */
const ROOM = 1.15;
const BOLD = 1.14;

/**
 * About how wide a text is in pixels in a sans face, where there is no page to measure in: rather too wide than too
 * narrow. `font` is weight and size, such as `600 12px`.
 */
export function estimatedWidth(text: string, font: string): number {
  const [weight = 400, size = 12] = (font.match(/[\d.]+/g) ?? []).map(Number);
  let thousandths = 0;
  for (const glyph of text)
    thousandths += WIDTHS.get(glyph) ?? (WIDE.test(glyph) ? 1000 : /\p{M}/u.test(glyph) ? 0 : OTHER);
  return (thousandths / 1000) * size * ROOM * (weight >= 600 ? BOLD : 1);
}
