import { axisTicks, position, type TextWidth } from "./svg.ts";
import { tickText } from "./tick-text.ts";
import { linearTicks, logTicks } from "./ticks.ts";

const FONT = "400 12px";
/** Gap between labels in pixels. */
const GAP = 26;
/** Typical width of a label of a logarithmic axis with its gap, in pixels. */
const LOG_LABEL = 64;
/** Smallest gap between labels of a logarithmic axis in pixels. */
const LOG_GAP = 8;
const FEWEST = 3;
/** Most parts in which labels are looked for where fewer parts have one label at most. */
const MOST_PARTS = 12;

/** A horizontal axis below a drawing. */
export interface BottomAxis {
  readonly domain: readonly [number, number];
  readonly scale: "linear" | "log" | undefined;
  /** Whether all values are integers, such as seeds. */
  readonly whole: boolean;
  /** Width of the figure and of its left margin in pixels. */
  readonly width: number;
  readonly left: number;
  readonly textWidth: TextWidth;
}

/** Tick values and their labels. */
export interface AxisTicks {
  readonly ticks: number[];
  readonly text: (value: number) => string;
}

/** Drops values whose labels would touch the previous one: within a decade they crowd toward its end. */
function apart(
  values: readonly number[],
  text: AxisTicks["text"],
  { domain, scale, textWidth }: BottomAxis,
  room: number,
): number[] {
  let end = Number.NEGATIVE_INFINITY;
  return values.filter((value) => {
    const middle = position(value, domain, [0, room], scale);
    const half = textWidth(text(value), FONT) / 2;
    if (middle - half < end + LOG_GAP) return false;
    end = middle + half;
    return true;
  });
}

function ticksWithin(axis: BottomAxis, room: number): AxisTicks {
  const { domain, scale, whole, textWidth } = axis;
  if (scale === "log") {
    const { values, label } = logTicks(domain, Math.max(FEWEST, Math.floor(room / LOG_LABEL)));
    return { ticks: apart(values, label, axis, room), text: label };
  }
  const most = whole ? domain[1] - domain[0] : Number.POSITIVE_INFINITY;
  const widest = (count: number) =>
    Math.max(...linearTicks(domain, count).map((value) => textWidth(tickText(domain, count)(value), FONT)));
  const count = Math.max(FEWEST, Math.floor(room / (widest(FEWEST) + GAP)));
  // Intermediate steps have longer labels.
  const fitting = Math.max(FEWEST, Math.floor(room / (widest(count) + GAP)));
  let chosen = Math.min(fitting, most);
  if (linearTicks(domain, chosen).length > 1)
    return { ticks: linearTicks(domain, chosen), text: tickText(domain, chosen) };
  // One label shows no scale: of denser ticks, evenly so many as have room.
  while (chosen < Math.min(most, MOST_PARTS) && linearTicks(domain, chosen).length < FEWEST) chosen += 1;
  const dense = linearTicks(domain, chosen);
  const text = tickText(domain, chosen);
  const every = (n: number) => dense.filter((_, i) => i % n === 0);
  let n = 1;
  while (every(n).length > FEWEST && apart(every(n), text, axis, room).length < every(n).length) n += 1;
  return { ticks: every(n), text };
}

/** Ticks below lying bars, and the most that Plot makes of them. */
const [BAR_TICKS, MOST_BAR_TICKS] = [5, 7];
/** Smallest gap between their labels in pixels. */
const BAR_GAP = 12;

/** Ticks below lying bars, about five where `room` pixels are enough for their labels. */
export function barTicks(
  scale: "linear" | "log" | undefined,
  domain: readonly [number, number],
  room: number,
  textWidth: TextWidth,
) {
  const widest = Math.max(
    ...linearTicks(domain, MOST_BAR_TICKS).map((value) =>
      textWidth(tickText(domain, MOST_BAR_TICKS)(value), FONT),
    ),
  );
  const fitting = Math.floor(room / (widest + BAR_GAP));
  if (scale === "log" || fitting >= MOST_BAR_TICKS) return axisTicks(scale, domain, BAR_TICKS);
  const ticks = linearTicks(domain, Math.max(1, Math.min(BAR_TICKS, fitting - 1)));
  return { ticks, text: tickText(domain, BAR_TICKS) };
}

/** As many labels as fit, and the right margin (at least `least`) that the last one needs. */
export function xAxisTicks(
  axis: BottomAxis,
  least: number,
): { readonly ticks: AxisTicks; readonly margin: number } {
  const { domain, scale, width, left, textWidth } = axis;
  const room = width - left - least;
  const ticks = ticksWithin(axis, room);
  const last = ticks.ticks.at(-1);
  if (last === undefined) return { ticks, margin: least };
  const after = room - position(last, domain, [0, room], scale);
  return { ticks, margin: Math.max(least, textWidth(ticks.text(last), FONT) / 2 - after) };
}
