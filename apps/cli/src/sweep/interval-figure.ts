import { textLines } from "@gradus/figures/svg-text";
import { dark, light, type Theme } from "@gradus/figures/themes";
import { escapeHtml } from "../html/markup.ts";
import { measureTitle } from "./format.ts";
import { intervalAxis, intervalOf, thresholdsOf } from "./interval-axis.ts";
import { cellName } from "./plan.ts";
import type { Measure } from "./summarize.ts";

/** Pixels; narrow is for phones. */
const WIDTHS = { wide: 680, narrow: 360 } as const;
const PADDING = 12;
const ROW = 22;
const AXIS = 26;
const PANEL_GAP = 18;
const TITLE_LINE = 17;
const TITLE_SIZE = 13;
/** About how wide a letter is, in pixels at 12 pixels. */
const LETTER = 6.4;
const MOST_NAME = 0.45;
const PIXELS_BETWEEN_TICKS = 90;
const FACES = "Inter, system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

type Color = "ink" | "muted" | "rule" | "surface" | "series-1" | "series-2";
/** A color as an attribute: in a page its variable, in a file its value with a class for dark appearances. */
type Paint = (property: "fill" | "stroke", color: Color) => string;

const inPage: Paint = (property, color) => `${property}="var(--${color})"`;
const inFile: Paint = (property, color) => `${property}="${light[color]}" class="${property}-${color}"`;

function darkRules(): string {
  const colors: readonly Color[] = ["ink", "muted", "rule", "surface", "series-1", "series-2"];
  const rules = colors.flatMap((color) =>
    (["fill", "stroke"] as const).map(
      (property) => `.${property}-${color}{${property}:${(dark satisfies Theme)[color]}}`,
    ),
  );
  return `<style>@media(prefers-color-scheme:dark){${rules.join("")}}</style>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

interface Drawing {
  readonly width: number;
  readonly paint: Paint;
}

/** One measure: a row a combination, its interval with the mean in it, and the bounds dashed. */
function panel(
  measure: Measure,
  top: number,
  { width, paint }: Drawing,
): { readonly markup: string; readonly height: number } {
  const names = measure.cells.map(({ cell }) => cellName(cell) || "all runs");
  const longest = Math.max(...names.map((name) => name.length)) * LETTER;
  const left = PADDING + Math.min(longest, width * MOST_NAME) + 10;
  const right = width - PADDING - 8;
  const axis = intervalAxis(measure, Math.floor((right - left) / PIXELS_BETWEEN_TICKS));
  const across = (value: number) => {
    const place = axis.position(value);
    return place === undefined ? undefined : round(left + place * (right - left));
  };
  const title = textLines(measureTitle(measure), width - 2 * PADDING, `600 ${TITLE_SIZE}px`);
  const first = top + title.length * TITLE_LINE + 4;
  const bottom = first + names.length * ROW;
  const parts = title.map(
    (line, i) =>
      `<text x="${PADDING}" y="${top + 13 + i * TITLE_LINE}" font-size="${TITLE_SIZE}" font-weight="600" ${paint("fill", "ink")}>${escapeHtml(line)}</text>`,
  );
  for (const { value, label } of axis.ticks) {
    const x = across(value);
    parts.push(
      `<line x1="${x}" x2="${x}" y1="${first}" y2="${bottom}" ${paint("stroke", "rule")}/>`,
      `<text x="${x}" y="${bottom + 15}" text-anchor="middle" font-size="11" ${paint("fill", "muted")}>${label}</text>`,
    );
  }
  for (const threshold of thresholdsOf(measure)) {
    const x = across(threshold);
    parts.push(
      `<line x1="${x}" x2="${x}" y1="${first}" y2="${bottom}" stroke-dasharray="4 3" stroke-width="1.5" ${paint("stroke", "series-2")}/>`,
    );
  }
  measure.cells.forEach((figure, i) => {
    const y = first + (i + 0.5) * ROW;
    const [from, at, to] = intervalOf(figure).map(across);
    const name =
      names[i].length * LETTER > width * MOST_NAME
        ? `${names[i].slice(0, Math.floor((width * MOST_NAME) / LETTER) - 1)}…`
        : names[i];
    parts.push(
      `<text x="${round(left - 10)}" y="${y + 4}" text-anchor="end" font-size="12" ${paint("fill", "ink")}>${escapeHtml(name)}</text>`,
    );
    if (from !== undefined && to !== undefined && to > from)
      parts.push(
        `<path d="M${from} ${y}H${to}M${from} ${y - 5}v10M${to} ${y - 5}v10" fill="none" stroke-width="1.75" ${paint("stroke", "series-1")}/>`,
      );
    if (at !== undefined) parts.push(`<circle cx="${at}" cy="${y}" r="4" ${paint("fill", "series-1")}/>`);
  });
  return { markup: parts.join("\n"), height: bottom + AXIS - top };
}

function compose(measures: readonly Measure[], seeds: number, drawing: Drawing, before: string): string {
  const { width } = drawing;
  let top = PADDING;
  const panels = measures.map((measure) => {
    const { markup, height } = panel(measure, top, drawing);
    top += height + PANEL_GAP;
    return markup;
  });
  const height = top - PANEL_GAP + PADDING;
  const label = `${seeds === 1 ? "Figures of seed 1" : "Means over the seeds with 95% intervals"}: ${measures.map(measureTitle).join("; ")}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="${FACES}" role="img" aria-label="${escapeHtml(label)}">
${before}${panels.join("\n")}
</svg>`;
}

/** The intervals of measures over `seeds` seeds as an SVG element for a page that defines the colors of a theme. */
export function intervalFigure(
  measures: readonly Measure[],
  seeds: number,
  size: keyof typeof WIDTHS,
): string {
  return compose(measures, seeds, { width: WIDTHS[size], paint: inPage }, "");
}

/** The intervals of measures over `seeds` seeds as the text of an SVG file that stands alone. */
export function intervalFigureFile(measures: readonly Measure[], seeds: number): string {
  const background = `<rect width="100%" height="100%" ${inFile("fill", "surface")}/>`;
  return `${compose(measures, seeds, { width: WIDTHS.wide, paint: inFile }, `${darkRules()}${background}\n`)}\n`;
}
