import type { RowInput } from "./protocol.ts";

/** Rows that are gray pictures with as many cells across as down. */
export interface Picture {
  readonly side: number;
  /** The number that stands for ink, of 0 for paper. */
  readonly ink: number;
}

const SMALLEST = 4;
const LARGEST = 64;

/** A row as a square gray picture; undefined for other rows. */
export function pictureOf({ parts, features }: RowInput): Picture | undefined {
  const [{ shape }, ...others] = parts;
  if (others.length > 0) return undefined;
  const sizes = shape.filter((size) => size !== 1);
  const side = Math.sqrt(features);
  const square = sizes.length === 1 || (sizes.length === 2 && sizes[0] === sizes[1]);
  if (!square || !Number.isInteger(side) || side < SMALLEST || side > LARGEST) return undefined;
  // The bundled digits have gray levels 0 .. 16; larger pictures usually 0 .. 1.
  return { side, ink: features === 64 ? 16 : 1 };
}

/** A row's numbers as ink from 0 to 1. */
export function inkOf(values: readonly number[], { ink }: Picture): number[] {
  const largest = Math.max(ink, ...values);
  return values.map((value) => Math.min(1, Math.max(0, value / largest)));
}
