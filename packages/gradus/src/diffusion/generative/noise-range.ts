import { ArgumentError, DataError } from "../../check/errors.ts";
import type { ForwardProcess } from "../processes/contract.ts";
import type { CoordinateMoments } from "./point-data.ts";

/** Largest deviations of the data, in units of the last noise, at which particles can start from independent normal laws. */
const WIDEST = 4;

const figure = (value: number) => String(Number(value.toPrecision(3)));

/** The noise at a time in units of the clean points. */
const noiseAt = (process: ForwardProcess, t: number) => Math.sqrt(process.variance(t)) / process.scale(t);

/** A deviation below this share of the mean is that of equal numbers, up to rounding. */
const ROUNDING = 1e-12;

/** The largest standard deviation of a coordinate. */
function widest({ mean, variance }: CoordinateMoments): number {
  let most = 0;
  variance.forEach((one, j) => {
    const deviation = Math.sqrt(one);
    if (deviation > ROUNDING * Math.abs(mean[j])) most = Math.max(most, deviation);
  });
  return most;
}

const dataOf = ({ space }: ForwardProcess) => (space === "log" ? "logarithms of the data" : "data");

/**
 * Refuses data that the first noise of a process hides, of which only the mean could be learned. Data that do not vary at all
 * are let through.
 *
 * @throws DataError when no coordinate varies more than the noise at the start of the window
 */
export function checkFirstNoise(process: ForwardProcess, moments: CoordinateMoments): void {
  const [spread, noise] = [widest(moments), noiseAt(process, process.startTime)];
  if (spread > 0 && noise > spread)
    throw new DataError(
      `the ${dataOf(process)} must vary more than the noise at the start of the ${process.name} process, ${figure(noise)}, ` +
        `got standard deviations up to ${figure(spread)}; set standardize: true, or take an earlier startTime or less noise`,
    );
}

/**
 * Refuses to start particles from independent normal coordinates where the process leaves the data nearly as they are.
 *
 * @throws ArgumentError when a coordinate varies more than four times the noise at the end of the window
 */
export function checkLastNoise(process: ForwardProcess, moments: CoordinateMoments): void {
  const [spread, noise] = [widest(moments), noiseAt(process, process.endTime)];
  if (spread > WIDEST * noise)
    throw new ArgumentError(
      `prior needs noise at the end of the ${process.name} process of at least ${figure(spread / WIDEST)}, a quarter of the ` +
        `largest standard deviation of the ${dataOf(process)}, got ${figure(noise)}: particles would not start from its law; ` +
        "train with standardize: true, a later endTime or more noise, or give start",
    );
}
