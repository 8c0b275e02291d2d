import type { Verdict } from "@gradus/papers";

/** How many colors a terminal shows, in bits; 1 is none. */
export type ColorDepth = 1 | 4 | 8 | 24;

/** Styles by what they mean; each returns the text unchanged where there is no color. */
export interface Palette {
  readonly strong: (text: string) => string;
  readonly muted: (text: string) => string;
  /** Green, amber and vermilion. */
  readonly verdict: (verdict: Verdict, text: string) => string;
  /** The series of a plot, in palette order. */
  readonly series: (index: number, text: string) => string;
}

type Shades = readonly [ansi: number, indexed: number, rgb: readonly [number, number, number]];

// Mid tones, which stand out from a white and from a black background alike.
const green: Shades = [32, 29, [35, 138, 86]];
const amber: Shades = [33, 172, [196, 134, 10]];
const vermilion: Shades = [31, 166, [217, 81, 44]];
const seriesShades: readonly Shades[] = [
  [34, 32, [46, 134, 208]],
  [33, 172, [196, 134, 10]],
  [35, 133, [170, 90, 160]],
  [36, 37, [30, 150, 165]],
  [90, 244, [128, 128, 128]],
];

function paint(depth: ColorDepth, [ansi, indexed, rgb]: Shades, text: string): string {
  if (depth === 1) return text;
  const code = depth === 4 ? ansi : depth === 8 ? `38;5;${indexed}` : `38;2;${rgb.join(";")}`;
  return `\u001B[${code}m${text}\u001B[39m`;
}

/** The styles a terminal of this color depth can show. */
export function palette(depth: ColorDepth): Palette {
  const attribute = (on: number, off: number) => (text: string) =>
    depth === 1 ? text : `\u001B[${on}m${text}\u001B[${off}m`;
  const muted = attribute(2, 22);
  return {
    strong: attribute(1, 22),
    muted,
    verdict: (verdict, text) => {
      if (verdict === "not run" || verdict === "inconclusive") return muted(text);
      return paint(depth, verdict === "held" ? green : verdict === "mixed" ? amber : vermilion, text);
    },
    series: (index, text) => paint(depth, seriesShades[index % seriesShades.length], text),
  };
}
