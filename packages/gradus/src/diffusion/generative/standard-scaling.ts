import type { ForwardProcess } from "../processes/contract.ts";
import { checkedPoints, type PointData } from "./point-data.ts";
import type { PointScaling } from "./point-scaling.ts";

/**
 * The scaling that brings points to mean 0 and deviation 1 in the space of a process: coordinate by coordinate where a point
 * is a row of a matrix, by one deviation for all numbers where it has several axes, as images do, so that a pixel that
 * hardly varies is not blown up.
 *
 * @throws what `cleanPoints` throws
 */
export function standardScaling(process: ForwardProcess, data: PointData): PointScaling {
  const { count, shape, size } = checkedPoints(process, data);
  const { values } = data;
  const at = process.space === "log" ? (k: number) => Math.log(values[k]) : (k: number) => values[k];
  const center = new Float64Array(size);
  for (let k = 0; k < values.length; k++) center[k % size] += at(k) / count;
  const square = new Float64Array(size);
  const varies = new Array<boolean>(size).fill(false);
  for (let k = 0; k < values.length; k++) {
    const j = k % size;
    if (values[k] !== values[j]) varies[j] = true;
    square[j] += (at(k) - center[j]) ** 2 / count;
  }
  // a mean of equal numbers is rounded
  for (let j = 0; j < size; j++) if (!varies[j]) [center[j], square[j]] = [at(j), 0];
  if (shape.length > 1) square.fill(square.reduce((sum, one) => sum + one / size, 0));
  return { center, scale: square.map(Math.sqrt) };
}
