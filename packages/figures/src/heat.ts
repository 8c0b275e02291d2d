import { formatRounded, isMatrix, type Matrix, type PlotData, type PlotSpecification } from "@gradus/papers";
import { axisLabel } from "./axis-label.ts";
import { type HeatScale, heatScale } from "./heat-colors.ts";
import { cellOf, columnNamesOf, LINE, panel, spelled } from "./heat-panel.ts";
import { LABEL, type Pen, px, shape, widthOf, write } from "./heat-pen.ts";
import { type FigureOptions, type FigurePlan, position, SVG } from "./svg.ts";
import { textBlock } from "./svg-lines.ts";

const GAP = 20;
/** Smallest width of panels side by side in pixels, and of their cells; narrower ones are stacked. */
const LEAST = { panel: 200, cells: 120 } as const;
const DENSE = { panel: 0, cells: 60 } as const;
const TALLEST = 400;
const LARGEST_CELL = 64;
/** Shares of the width that names of rows may always take, and where cells of `legible` pixels remain. */
const NAMES = { always: 0.3, most: 0.5, legible: 16 } as const;
const BAR = { width: 150, height: 10 } as const;

/** The color scale: a bar labeled at its ends, and at 0 when it lies between them. */
function colorBar(pen: Pen, label: string, scale: HeatScale, x: number, y: number): Element[] {
  const { low, high, levels } = scale;
  const names = [low, high].map((value) => formatRounded(value));
  const start = x + widthOf(pen, names[0]) + 6;
  const part = BAR.width / levels;
  const zero = low < 0 && high > 0 ? position(0, [low, high], [start, start + BAR.width]) : undefined;
  return [
    write(pen, names[0], { x, y: y + BAR.height }),
    ...Array.from({ length: levels }, (_, level) =>
      shape(pen, "rect", {
        x: px(start + level * part),
        y,
        width: px(part),
        height: BAR.height,
        fill: scale.color(level),
        "shape-rendering": "crispEdges",
      }),
    ),
    shape(pen, "rect", {
      x: px(start),
      y,
      width: BAR.width,
      height: BAR.height,
      fill: "none",
      stroke: "var(--muted)",
      "stroke-opacity": 0.5,
    }),
    ...(zero === undefined
      ? []
      : [
          shape(pen, "line", {
            x1: px(zero),
            x2: px(zero),
            y1: y,
            y2: y + BAR.height + 3,
            stroke: "var(--muted)",
          }),
          write(pen, "0", { x: zero, y: y + BAR.height + LABEL + 3 }, { anchor: "middle" }),
        ]),
    write(pen, names[1], { x: start + BAR.width + 6, y: y + BAR.height }),
    write(pen, label, {
      x: start + BAR.width + 6 + widthOf(pen, names[1]) + 12,
      y: y + BAR.height,
    }),
  ];
}

/** The matrices of a plot, those it names first. */
function panelsOf({ series = [] }: PlotSpecification, data: PlotData): (readonly [string, Matrix])[] {
  const order = [...new Set([...series, ...Object.keys(data)])];
  return order.flatMap((name): (readonly [string, Matrix])[] => {
    const one = data[name];
    return one && isMatrix(one) && one.values.length > 0 ? [[name, one]] : [];
  });
}

/** How many panels are side by side: as many as have room for their cells, their names of rows and their titles. */
function panelsAcross(
  { textWidth }: Pen,
  names: readonly string[],
  { width, left, dense }: { readonly width: number; readonly left: number; readonly dense: boolean },
): number {
  const smallest = dense ? DENSE : LEAST;
  const titles = names.map((name) => textWidth(name, `600 ${LABEL}px`));
  const least = Math.max(smallest.panel, left + smallest.cells, left + Math.max(0, ...titles));
  return Math.max(1, Math.min(names.length, Math.floor((width + GAP) / (least + GAP))));
}

/**
 * Heat maps of matrices, side by side when there is room, with one color scale below them. Bands of rows and columns that
 * share a label are separated and labeled once; blocks are averaged when cells would be too small to see.
 */
export function planHeat(
  specification: PlotSpecification,
  data: PlotData,
  { width, textWidth, document = globalThis.document, dense = false }: FigureOptions,
): FigurePlan | undefined {
  const panels = panelsOf(specification, data);
  const { kind, label } = specification.color ?? { kind: "sequential", label: "" };
  const scale = heatScale(
    panels.map(([, one]) => one),
    kind,
  );
  if (!scale) return undefined;
  const pen = { document, textWidth };
  const parts: (() => Element | readonly Element[])[] = [];
  const names = panels.flatMap(([, { rows }]) => rows).map((name) => widthOf(pen, spelled(name)));
  const beside = width - NAMES.legible * Math.max(...panels.map(([, { columns }]) => columns.length));
  const left = Math.min(
    Math.max(0, ...names) + 6,
    Math.max(width * NAMES.always, Math.min(width * NAMES.most, beside)),
  );
  const across = panelsAcross(
    pen,
    panels.map(([name]) => name),
    { width, left, dense },
  );
  const room = (width - GAP * (across - 1)) / across;
  const yLabel = textBlock(
    document,
    axisLabel(specification.y),
    { size: LABEL, weight: 600, color: "var(--ink)", anchor: "start" },
    { x: 0, y: 0, width, textWidth },
  );
  parts.push(() => yLabel.elements);
  let top = yLabel.height + 4;
  let right = 0;
  for (let first = 0; first < panels.length; first += across) {
    let height = 0;
    panels.slice(first, first + across).forEach(([name, matrix], k) => {
      const x = k * (room + GAP) + left;
      const cell = cellOf(matrix, { width: room - left - 1, height: TALLEST, largest: LARGEST_CELL });
      const nameAt = { x, y: top + LABEL };
      const y = top + (panels.length > 1 ? LINE + 3 : 0);
      if (panels.length > 1) parts.push(() => write(pen, name, nameAt, { color: "var(--ink)", weight: 600 }));
      const end = k === across - 1 ? width : x - left + room + GAP / 2;
      parts.push(() => panel(pen, matrix, scale, { x, y, left, right: end, ...cell }));
      right = Math.max(right, x + matrix.columns.length * cell.across);
      const below = columnNamesOf(pen, matrix, cell.across);
      height = Math.max(height, y - top + matrix.rows.length * cell.down + below.height);
    });
    top += height + 4;
  }
  const xLabelAt = { x: (left + right) / 2, y: top + LABEL };
  parts.push(() => write(pen, axisLabel(specification.x), xLabelAt, { anchor: "middle" }));
  top += LINE + 10;
  const barBelow = left + BAR.width + widthOf(pen, label) + 110 > width;
  const barTop = top;
  parts.push(() => colorBar(pen, barBelow ? "" : label, scale, left, barTop));
  if (barBelow) {
    top += BAR.height + (scale.low < 0 && scale.high > 0 ? LINE : 4);
    const words = textBlock(
      document,
      label,
      { size: LABEL, weight: 400, color: "var(--muted)", anchor: "start" },
      { x: left, y: top, width: width - left, textWidth },
    );
    parts.push(() => words.elements);
    top += words.height;
  } else top += BAR.height + (scale.low < 0 && scale.high > 0 ? LINE : 2);
  const height = Math.ceil(top);
  return {
    height,
    legend: [],
    nameRoom: 0,
    lying: false,
    complete: true,
    outline: { series: panels.map(([name]) => name), categories: [] },
    draw() {
      const svg = document.createElementNS(SVG, "svg");
      svg.append(...parts.flatMap((part) => part()));
      svg.setAttribute("width", String(width));
      svg.setAttribute("height", String(height));
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      return svg;
    },
  };
}
