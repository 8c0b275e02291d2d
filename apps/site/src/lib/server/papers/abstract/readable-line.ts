import { segmentsText } from "./plain-text.ts";
import { parseTextTeX } from "./text-tex.ts";

/**
 * A title or a query in plain Unicode text, of which arXiv has formulas and accents in TeX: `H\"older` is "Hölder",
 * `$\ell_1$` is "ℓ₁". What has no TeX stays as it is, a sum in dollars too.
 */
export function readableLine(text: string): string {
  return /\\|\$.*\$|``|''/.test(text) ? segmentsText(parseTextTeX(text, "source")) : text;
}
