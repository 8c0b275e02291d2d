import { axisTicks } from "./svg.ts";
import { tickText } from "./tick-text.ts";
import { familiarTicks, niceDomain, sparseTicks } from "./ticks.ts";

type Scale = "linear" | "log" | undefined;
type Interval = readonly [number, number];

/** How many rows a vertical axis is to have, and its length in pixels. */
interface Room {
  readonly rows: number;
  readonly length: number;
}

/** Room of a label in pixels. */
const LABEL_HEIGHT = 13;

/** Whether there is too little room for the twice as many ticks that Plot may set for those it is asked for. */
const isSmall = ({ rows, length }: Room) => length < 2 * rows * LABEL_HEIGHT;

/** Whether labels do not touch. */
function apart(values: readonly number[], [low, high]: Interval, length: number): boolean {
  const height = (value: number) => (Math.log(value / low) / Math.log(high / low)) * length;
  return values.every((value, i) => i === 0 || height(value) - height(values[i - 1]) >= LABEL_HEIGHT);
}

/** The values from the lowest on, without those whose labels would touch one that stays. */
function thinned(values: readonly number[], domain: Interval, length: number): number[] {
  const kept: number[] = [];
  for (const value of values)
    if (kept.length === 0 || apart([kept[kept.length - 1], value], domain, length)) kept.push(value);
  return kept;
}

function logAxis(domain: Interval, { rows, length }: Room) {
  const { ticks, text } = axisTicks("log", domain, rows);
  const usual = Array.isArray(ticks) ? ticks : [];
  const choices = [usual, ...familiarTicks(domain)];
  const fitting = choices.find((values) => values.length > 1 && apart(values, domain, length));
  return { ticks: fitting ?? thinned(usual, domain, length), text };
}

/** A vertical axis for values of an interval, which ends at round ones if it is linear. */
export function yAxis(scale: Scale, range: Interval, room: Room) {
  if (scale === "log") return { domain: range, ...logAxis(range, room) };
  if (isSmall(room)) {
    const most = Math.floor(room.length / LABEL_HEIGHT);
    return { ...sparseTicks(range, most), text: tickText(range, Math.max(1, most)) };
  }
  const domain = niceDomain(range, room.rows);
  return { domain, ...axisTicks(scale, domain, room.rows) };
}

/** The vertical axis of bars from one value to another: it ends at round ones where there is room for few labels only. */
export function barAxis(scale: Scale, range: Interval, room: Room) {
  if (scale === "log" || isSmall(room)) return yAxis(scale, range, room);
  return { domain: range, ...axisTicks(scale, range, room.rows) };
}
