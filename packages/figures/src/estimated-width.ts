// Widths of the glyphs of DejaVu Sans in thousandths of the font size, from the font's hmtx table. Of the faces that
// stand in for a page's sans face it is the widest.
const GLYPHS: readonly (readonly [glyphs: string, width: number])[] = [
  ["'", 275],
  ["ijl", 278],
  ["IJ", 295],
  [" ,.·", 318],
  ["/:;\\|", 337],
  ["f", 352],
  ["-", 361],
  ["()[]", 390],
  ["t", 392],
  ["!⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂", 401],
  ["r", 411],
  ['"', 460],
  ["*_`‖", 500],
  ["s", 521],
  ["z⁻?", 528],
  ["cL", 554],
  ["Fk", 577],
  ["vxyκλγ", 592],
  ["PTYoaeθ", 612],
  ["EΣ$0123456789{}μSbdgpqhnuρησβ√", 635],
  ["Kα", 657],
  ["∇", 669],
  ["ABVXZ", 685],
  ["CR", 697],
  ["U", 732],
  ["HN", 750],
  ["DG&", 775],
  ["OQ", 787],
  ["w", 818],
  ["#+<=>^~−≤≥×∞", 838],
  ["M", 863],
  ["%", 950],
  ["m", 974],
  ["W", 989],
  ["@", 1000],
];
const WIDTHS = new Map(GLYPHS.flatMap(([glyphs, width]) => [...glyphs].map((glyph) => [glyph, width])));
const OTHER = 640;
const WIDE = /[\u1100-\u115F\u2E80-\u9FFF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE4F\uFF00-\uFF60]/;
/** How much wider bold text is at most: words of narrow letters, such as "tree partition". */
const BOLD = 1.15;

/**
 * Estimated width of a text in pixels in a sans face, for use without a page to measure in; errs on the wide side.
 * `font` is weight and size, such as `600 12px`.
 */
export function estimatedWidth(text: string, font: string): number {
  const [weight = 400, size = 12] = (font.match(/[\d.]+/g) ?? []).map(Number);
  let thousandths = 0;
  for (const glyph of text)
    thousandths += WIDTHS.get(glyph) ?? (WIDE.test(glyph) ? 1000 : /\p{M}/u.test(glyph) ? 0 : OTHER);
  return (thousandths / 1000) * size * (weight >= 600 ? BOLD : 1);
}
