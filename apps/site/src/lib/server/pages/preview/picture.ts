import type { Verdict } from "@gradus/papers";
import { stateClass, verdictSummary } from "#lib/lab/verdict-summary.ts";
import { escapeHtml } from "../../papers/abstract/html.ts";

/** The size that pages of other sites show links in, in pixels. */
const PREVIEW = { width: 1200, height: 630 } as const;

/** What the picture of a paper shows. */
export interface PreviewContent {
  readonly title: string;
  readonly authors: string;
  readonly published: string;
  /** Names of topics. */
  readonly topics: readonly string[];
  /** The official verdicts on its claims; none for a paper that cannot be run. */
  readonly verdicts?: readonly Verdict[];
  /** An SVG file of at most 560 x 300 pixels. */
  readonly figure?: string;
}

const MARGIN = 56;
const INNER = PREVIEW.width - 2 * MARGIN;
/** Sizes of the title, of which the largest is taken that fits. */
const TITLES = [
  { size: 52, lines: 2 },
  { size: 44, lines: 3 },
  { size: 36, lines: 4 },
] as const;
/** The mean width of a letter of DejaVu, in its size; a little more than measured. */
const SERIF_BOLD = 0.63;
const SANS = 0.58;

const INK = "#1c1b18";
const MUTED = "#625e55";
const MARKS = {
  held: "#1b7a4b",
  mixed: "#8a5a00",
  failed: "#b23a1e",
  inconclusive: MUTED,
  open: MUTED,
} as const;

/** A text in lines of a given length; the last line is cut where it is longer. */
export function wrapped(text: string, letters: number, lines: number): { lines: string[]; whole: boolean } {
  const made: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = made.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters)
      made[made.length - 1] = `${last} ${word}`;
    else made.push(word);
  }
  const whole = made.length <= lines && made.every((line) => line.length <= letters);
  const kept = made
    .slice(0, lines)
    .map((line) => (line.length > letters ? `${line.slice(0, letters - 1)}…` : line));
  if (made.length > lines) kept[lines - 1] = `${kept[lines - 1].slice(0, letters - 1).trimEnd()}…`;
  return { lines: kept, whole };
}

interface TextStyle {
  readonly size: number;
  readonly color?: string;
  readonly bold?: boolean;
  readonly serif?: boolean;
}

function text(x: number, y: number, words: string, { size, color = INK, bold, serif }: TextStyle): string {
  const family = serif ? "DejaVu Serif" : "DejaVu Sans";
  return `<text x="${x}" y="${y}" font-family="${family}" font-size="${size}"${bold ? ' font-weight="700"' : ""} fill="${color}">${escapeHtml(words)}</text>`;
}

/** The mark of a claim, as pages draw it: its shape says what its color says. */
function mark(x: number, y: number, verdict: Verdict): string {
  const kind = stateClass(verdict);
  const color = MARKS[kind === "running" ? "open" : kind];
  const paint = `stroke="${color}" stroke-width="3" fill="${kind === "held" || kind === "failed" ? color : "none"}"`;
  if (kind === "failed" || kind === "mixed")
    return `<rect x="${x - 8}" y="${y - 8}" width="16" height="16" transform="rotate(45 ${x} ${y})" ${paint}/>`;
  return `<circle cx="${x}" cy="${y}" r="10"${kind === "inconclusive" ? ' stroke-dasharray="4 4"' : ""} ${paint}/>`;
}

function titleOf(title: string) {
  const fits = (one: (typeof TITLES)[number]) =>
    wrapped(title, Math.floor(INNER / (SERIF_BOLD * one.size)), one.lines);
  const best = TITLES.find((one) => fits(one).whole) ?? TITLES[TITLES.length - 1];
  return { size: best.size, lines: fits(best).lines };
}

/** A figure of a file as a part of a picture: without the style for dark pages. */
function placed(svg: string, x: number, y: number): string {
  return svg
    .replace(/<style>.*?<\/style>/gs, "")
    .replace(/<title>.*?<\/title>/gs, "")
    .replace("<svg ", `<svg x="${x}" y="${y}" `);
}

/** The picture that stands for a paper where its address is shared, as an SVG file: title, verdicts, figure. */
export function previewSvg({ title, authors, published, topics, verdicts, figure }: PreviewContent): string {
  const { size, lines } = titleOf(title);
  const top = 128 + size * 0.3;
  const parts = [
    `<rect width="100%" height="100%" fill="#fbfaf7"/>`,
    `<path transform="translate(${MARGIN} 40) scale(2)" d="M1 15V11H6V7H11V3.5H16V1H19" fill="none" stroke="#1c55b0" stroke-width="2" stroke-linejoin="round"/>`,
    text(MARGIN + 54, 70, "gradus", { size: 30, bold: true, serif: true }),
    text(MARGIN + 194, 69, "daily papers on learning and optimization", { size: 20, color: MUTED }),
    ...lines.map((line, i) => text(MARGIN, top + i * size * 1.2, line, { size, bold: true, serif: true })),
  ];
  const below = top + (lines.length - 1) * size * 1.2 + 44;
  const column = figure ? 480 : INNER;
  const letters = Math.floor(column / (SANS * 22));
  const about = [
    ...wrapped(authors, letters, 2).lines,
    ...wrapped([published, ...topics].join(" · "), letters, 2).lines,
  ];
  parts.push(...about.map((line, i) => text(MARGIN, below + i * 32, line, { size: 22, color: MUTED })));
  if (verdicts && verdicts.length > 0) {
    const words = wrapped(verdictSummary(verdicts), Math.floor(column / (SANS * 26)), 2).lines;
    const y = PREVIEW.height - MARGIN - (words.length - 1) * 34;
    parts.push(...verdicts.map((verdict, i) => mark(MARGIN + 10 + i * 34, y - 48, verdict)));
    parts.push(...words.map((line, i) => text(MARGIN, y + i * 34, line, { size: 26, bold: true })));
  }
  if (figure) {
    const y = Math.min(below - 12, PREVIEW.height - 350);
    parts.push(placed(figure, PREVIEW.width - MARGIN - 560, y));
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${PREVIEW.width}" height="${PREVIEW.height}">${parts.join("")}</svg>`;
}
