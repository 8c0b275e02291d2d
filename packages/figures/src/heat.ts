import { formatFigure, isMatrix, type Matrix, type PlotData, type PlotSpecification } from "@gradus/papers";
import { axisLabel } from "./axis-label.ts";
import { type HeatScale, heatScale } from "./heat-colors.ts";
import { type Band, bandsOf, meanPooled } from "./matrix.ts";
import { type FigureOptions, type FigurePlan, SVG, type TextWidth } from "./svg.ts";
import { lineOfText, textBlock } from "./svg-lines.ts";

const GAP = 20;
const LINE = 17;
const LABEL = 12;
/** Smallest width of panels side by side in pixels; narrower ones are stacked. */
const LEAST_PANEL = 200;
const TALLEST = 400;
const LARGEST_CELL = 64;
/** Cells smaller than this many pixels are averaged in blocks. */
const LEAST_CELL = 1.5;
const BAR = { width: 150, height: 10 } as const;

type Attributes = Readonly<Record<string, string | number>>;

/** Creates SVG elements and measures text. */
interface Pen {
  readonly document: Document;
  readonly textWidth: TextWidth;
}

function shape({ document }: Pen, name: string, attributes: Attributes): Element {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function write(
  { document }: Pen,
  text: string,
  at: { readonly x: number; readonly y: number },
  { anchor = "start", color = "var(--muted)", weight = 400 as 400 | 600, size = LABEL } = {},
): Element {
  const line = lineOfText(document, text, { size, weight, color, anchor: "start" }, at);
  line.setAttribute("text-anchor", anchor);
  return line;
}

const px = (value: number) => Number(value.toFixed(2));

/** Geometry of the cells of a panel. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly cell: number;
}

/** One path per color for all its cells, with neighbors in a row merged. */
function cells(
  pen: Pen,
  { rows, columns, values }: Matrix,
  scale: HeatScale,
  place: Place,
  step: number,
): Element[] {
  const { x, y } = place;
  const cell = place.cell * step;
  const width = columns.length;
  const paths = new Map<number, string[]>();
  for (let i = 0; i < rows.length; i++)
    for (let j = 0; j < width; ) {
      const value = values[i * width + j];
      const level = value === null ? undefined : scale.level(value);
      let end = j + 1;
      while (end < width) {
        const next = values[i * width + end];
        if ((next === null ? undefined : scale.level(next)) !== level) break;
        end += 1;
      }
      if (level !== undefined) {
        const path = paths.get(level) ?? [];
        path.push(
          `M${px(x + j * cell)} ${px(y + i * cell)}h${px((end - j) * cell)}v${px(cell)}h${px(-(end - j) * cell)}z`,
        );
        paths.set(level, path);
      }
      j = end;
    }
  return [...paths].map(([level, path]) =>
    shape(pen, "path", { d: path.join(""), fill: scale.color(level), "shape-rendering": "crispEdges" }),
  );
}

/** The values in the cells, when all of them fit. */
function figures(pen: Pen, { columns, values }: Matrix, scale: HeatScale, { x, y, cell }: Place): Element[] {
  const texts = values.map((value) => (value === null ? "" : formatFigure(value)));
  if (texts.some((text) => pen.textWidth(text, `400 ${LABEL}px`) > cell - 4) || cell < LINE) return [];
  return texts.flatMap((text, k) => {
    const value = values[k];
    if (value === null) return [];
    const at = {
      x: x + ((k % columns.length) + 0.5) * cell,
      y: y + (Math.floor(k / columns.length) + 0.5) * cell + LABEL * 0.35,
    };
    return [write(pen, text, at, { anchor: "middle", color: scale.ink(scale.level(value)) })];
  });
}

/** The bands to label: as many as fit, evenly spaced. */
function named(bands: readonly Band[], cell: number, size: (band: Band) => number): readonly Band[] {
  for (let every = 1; every < bands.length; every *= 2) {
    const some = bands.filter((_, i) => i % every === 0);
    const fits = some.every((band, i) => {
      const next = some[i + 1];
      const middle = ({ from, to }: Band) => ((from + to) / 2) * cell;
      return !next || middle(next) - middle(band) >= (size(band) + size(next)) / 2;
    });
    if (fits) return some;
  }
  return bands.slice(0, 1);
}

function panel(pen: Pen, matrix: Matrix, scale: HeatScale, place: Place): Element[] {
  const { x, y, cell } = place;
  const [height, width] = [matrix.rows.length * cell, matrix.columns.length * cell];
  const step = Math.max(1, Math.ceil(LEAST_CELL / cell));
  const [rows, columns] = [bandsOf(matrix.rows), bandsOf(matrix.columns)];
  const separator = { stroke: "var(--surface)", "stroke-width": 1 };
  const parted = (bands: readonly Band[], count: number) =>
    bands.length < count || cell > 8 ? bands.slice(1) : [];
  const rowNames = named(rows, cell, () => LABEL + 1);
  const columnNames = named(columns, cell, ({ label }) => pen.textWidth(label, `400 ${LABEL}px`) + 6);
  return [
    ...cells(pen, meanPooled(matrix, step, step), scale, place, step),
    ...parted(rows, matrix.rows.length).map(({ from }) =>
      shape(pen, "line", {
        x1: px(x),
        x2: px(x + width),
        y1: px(y + from * cell),
        y2: px(y + from * cell),
        ...separator,
      }),
    ),
    ...parted(columns, matrix.columns.length).map(({ from }) =>
      shape(pen, "line", {
        x1: px(x + from * cell),
        x2: px(x + from * cell),
        y1: px(y),
        y2: px(y + height),
        ...separator,
      }),
    ),
    shape(pen, "rect", {
      x: px(x),
      y: px(y),
      width: px(width),
      height: px(height),
      fill: "none",
      stroke: "var(--muted)",
      "stroke-opacity": 0.5,
    }),
    ...rowNames.map(({ label, from, to }) =>
      write(pen, label, { x: x - 6, y: y + ((from + to) / 2) * cell + LABEL * 0.35 }, { anchor: "end" }),
    ),
    ...columnNames.map(({ label, from, to }) =>
      write(pen, label, { x: x + ((from + to) / 2) * cell, y: y + height + LABEL + 3 }, { anchor: "middle" }),
    ),
    ...(step === 1 ? figures(pen, matrix, scale, place) : []),
  ];
}

/** The color scale: a bar labeled at its ends, and at 0 when it lies between them. */
function colorBar(pen: Pen, label: string, scale: HeatScale, x: number, y: number): Element[] {
  const { low, high, levels } = scale;
  const names = [low, high].map((value) => formatFigure(value));
  const start = x + pen.textWidth(names[0], `400 ${LABEL}px`) + 6;
  const part = BAR.width / levels;
  const zero = low < 0 && high > 0 ? start + (BAR.width * -low) / (high - low) : undefined;
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
      x: start + BAR.width + 6 + pen.textWidth(names[1], `400 ${LABEL}px`) + 12,
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

/**
 * Heat maps of matrices, side by side when there is room, with one color scale below them. Bands of rows and columns that
 * share a label are separated and labeled once; blocks are averaged when cells would be too small to see.
 */
export function planHeat(
  specification: PlotSpecification,
  data: PlotData,
  { width, textWidth, document = globalThis.document }: FigureOptions,
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
  const names = panels.flatMap(([, { rows }]) => rows).map((name) => textWidth(name, `400 ${LABEL}px`));
  const left = Math.min(Math.max(0, ...names) + 6, width * 0.3);
  const across = Math.max(1, Math.min(panels.length, Math.floor((width + GAP) / (LEAST_PANEL + GAP))));
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
      const cell = Math.min(
        (room - left - 1) / matrix.columns.length,
        TALLEST / matrix.rows.length,
        LARGEST_CELL,
      );
      const nameAt = { x, y: top + LABEL };
      const y = top + (panels.length > 1 ? LINE + 3 : 0);
      if (panels.length > 1) parts.push(() => write(pen, name, nameAt, { color: "var(--ink)", weight: 600 }));
      parts.push(() => panel(pen, matrix, scale, { x, y, cell }));
      right = Math.max(right, x + matrix.columns.length * cell);
      height = Math.max(height, y - top + matrix.rows.length * cell + LINE);
    });
    top += height + 4;
  }
  const xLabelAt = { x: (left + right) / 2, y: top + LABEL };
  parts.push(() => write(pen, axisLabel(specification.x), xLabelAt, { anchor: "middle" }));
  top += LINE + 10;
  const barBelow = left + BAR.width + textWidth(label, `400 ${LABEL}px`) + 110 > width;
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
