import { formatFigure, formatRounded, type Matrix } from "@gradus/papers";
import type { HeatScale } from "./heat-colors.ts";
import { fitted, LABEL, type Pen, px, shape, widthOf, write } from "./heat-pen.ts";
import { type Band, bandsOf, meanPooled } from "./matrix.ts";

/** Pixels of a line of text. */
export const LINE = 17;
/** Cells smaller than this many pixels are averaged in blocks. */
const LEAST_CELL = 1.5;

/** Where the cells of a panel are, and pixels of each. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly across: number;
  readonly down: number;
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
  const [across, down] = [place.across * step, place.down * step];
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
          `M${px(x + j * across)} ${px(y + i * down)}h${px((end - j) * across)}v${px(down)}h${px(-(end - j) * across)}z`,
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
function figures(
  pen: Pen,
  { columns, values }: Matrix,
  scale: HeatScale,
  { x, y, across, down }: Place,
): Element[] {
  const texts = values.map((value) => (value === null ? "" : formatRounded(value)));
  if (texts.some((text) => widthOf(pen, text) > across - 4) || down < LINE) return [];
  return texts.flatMap((text, k) => {
    const value = values[k];
    if (value === null) return [];
    const at = {
      x: x + ((k % columns.length) + 0.5) * across,
      y: y + (Math.floor(k / columns.length) + 0.5) * down + LABEL * 0.35,
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

/** A name as it is written: a number as on an axis, `-0.00` as 0. */
export const spelled = (label: string) =>
  /^-?\d+(\.\d+)?$/.test(label) ? formatFigure(Number(label)) : label;

const isNumber = (label: string) => label.trim() !== "" && Number.isFinite(Number(label));
const areWords = (labels: readonly string[]) =>
  new Set(labels).size === labels.length && !labels.some(isNumber);

/** Cells of a table of words may be wider than they are tall by this factor. */
const WIDEST = 2.5;

/** Pixels of a cell: squares, but where both rows and columns are named by words. */
export function cellOf(
  { rows, columns }: Matrix,
  room: { readonly width: number; readonly height: number; readonly largest: number },
): Pick<Place, "across" | "down"> {
  const [most, down] = [room.width / columns.length, room.height / rows.length].map((size) =>
    Math.min(size, room.largest),
  );
  const free = areWords(rows) && areWords(columns);
  if (free && most > down) return { down, across: Math.min(most, WIDEST * down) };
  const side = Math.min(most, down);
  return { across: side, down: side };
}

/** Names of columns as they are written. */
interface ColumnNames {
  readonly bands: readonly Band[];
  /** Whether they are written from bottom to top. */
  readonly upright: boolean;
  /** Pixels that they take below the cells. */
  readonly height: number;
}

/** Pixels that upright names may take. */
const TALLEST_NAME = 132;

/** Names of words that would not all fit side by side are written upright, where cells are wide enough for a line. */
export function columnNamesOf(pen: Pen, { columns }: Matrix, across: number): ColumnNames {
  const all = bandsOf(columns.map(spelled));
  const bands = named(all, across, ({ label }) => widthOf(pen, label) + 6);
  if (bands.length === all.length || across < LABEL + 1 || !areWords(columns))
    return { bands, upright: false, height: LINE };
  const longest = Math.max(...all.map(({ label }) => widthOf(pen, label)));
  return { bands: all, upright: true, height: Math.min(longest, TALLEST_NAME) + 6 };
}

/** The place of a panel, the pixels left of it for its rows' names, and where its columns' names must end. */
interface Room extends Place {
  readonly left: number;
  readonly right: number;
}

function columnName(
  pen: Pen,
  { label, from, to }: Band,
  { upright }: ColumnNames,
  place: Room,
  top: number,
): Element {
  const middle = place.x + ((from + to) / 2) * place.across;
  const x = upright ? middle : Math.min(middle, place.right - widthOf(pen, label) / 2);
  if (!upright) return write(pen, label, { x, y: top + LABEL + 3 }, { anchor: "middle" });
  const at = { x: x + LABEL * 0.35, y: top + 4 };
  const element = write(pen, fitted(pen, label, TALLEST_NAME), at, { anchor: "end" });
  element.setAttribute("transform", `rotate(-90 ${px(at.x)} ${px(at.y)})`);
  return element;
}

/** A matrix as cells, with the names of its rows and of its columns. */
export function panel(pen: Pen, matrix: Matrix, scale: HeatScale, place: Room): Element[] {
  const { x, y, across, down, left } = place;
  const [height, width] = [matrix.rows.length * down, matrix.columns.length * across];
  const step = Math.max(1, Math.ceil(LEAST_CELL / Math.min(across, down)));
  const [rows, columns] = [bandsOf(matrix.rows.map(spelled)), bandsOf(matrix.columns)];
  const separator = { stroke: "var(--surface)", "stroke-width": 1 };
  const parted = (bands: readonly Band[], count: number, size: number) =>
    bands.length < count || size > 8 ? bands.slice(1) : [];
  const rowNames = named(rows, down, () => LABEL + 1);
  const columnNames = columnNamesOf(pen, matrix, across);
  return [
    ...cells(pen, meanPooled(matrix, step, step), scale, place, step),
    ...parted(rows, matrix.rows.length, down).map(({ from }) =>
      shape(pen, "line", {
        x1: px(x),
        x2: px(x + width),
        y1: px(y + from * down),
        y2: px(y + from * down),
        ...separator,
      }),
    ),
    ...parted(columns, matrix.columns.length, across).map(({ from }) =>
      shape(pen, "line", {
        x1: px(x + from * across),
        x2: px(x + from * across),
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
      write(
        pen,
        fitted(pen, label, left - 6),
        { x: x - 6, y: y + ((from + to) / 2) * down + LABEL * 0.35 },
        { anchor: "end" },
      ),
    ),
    ...columnNames.bands.map((band) => columnName(pen, band, columnNames, place, y + height)),
    ...(step === 1 ? figures(pen, matrix, scale, place) : []),
  ];
}
