import { ArgumentError } from "../../check/errors.ts";
import { checkGivenOptions } from "../../check/options.ts";
import { checkFiniteModels, type Vector, zerosAs } from "../vector.ts";
import type { CoordinateRule, Receiver } from "./rule.ts";

/** Sorts values in ascending order by insertion, which is fastest for the few numbers of a coordinate. */
function sortFew(values: Float64Array): void {
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    let j = i - 1;
    while (j >= 0 && values[j] > value) {
      values[j + 1] = values[j];
      j--;
    }
    values[j + 1] = value;
  }
}

/** Sorts values in ascending order, and their places along with them. */
function sortWithPlaces(values: Float64Array, places: Int32Array): void {
  for (let i = 1; i < values.length; i++) {
    const value = values[i];
    const place = places[i];
    let j = i - 1;
    while (j >= 0 && values[j] > value) {
      values[j + 1] = values[j];
      places[j + 1] = places[j];
      j--;
    }
    values[j + 1] = value;
    places[j + 1] = place;
  }
}

/**
 * Coordinate-wise trimmed mean: drops the `trim` smallest and the `trim` largest numbers of each coordinate and
 * averages the others.
 * Source: Yin, Chen, Kannan & Bartlett 2018, "Byzantine-robust distributed learning".
 *
 * @param models vectors of d numbers each
 * @returns d numbers, in the precision of the first model
 * @throws ArgumentError unless trim is an integer >= 0 with 2 trim < number of models
 * @throws DataError when lengths differ or a model is not finite
 */
export function trimmedMean(models: readonly Vector[], options: { readonly trim: number }): Vector {
  checkGivenOptions("trimmedMean", options, ["trim"]);
  const { trim } = options;
  checkFiniteModels(models);
  const count = models.length;
  if (!Number.isInteger(trim) || trim < 0 || 2 * trim >= count)
    throw new ArgumentError(`trim must be an integer >= 0 with 2 trim < ${count} models, got ${trim}`);
  const result = zerosAs(models[0]);
  const values = new Float64Array(count);
  for (let k = 0; k < result.length; k++) {
    for (let j = 0; j < count; j++) values[j] = models[j][k];
    values.sort();
    let sum = 0;
    for (let j = trim; j < count - trim; j++) sum += values[j];
    result[k] = sum / (count - 2 * trim);
  }
  return result;
}

/** Sorts every coordinate once for all receivers; each receiver skips the models that it did not receive. */
function mixAll(models: readonly Vector[], receivers: readonly Receiver[]): void {
  const size = models.length;
  const values = new Float64Array(size);
  const places = new Int32Array(size);
  // How often each receiver received each model.
  const times = new Int32Array(receivers.length * size);
  receivers.forEach((receiver, r) => {
    for (const place of receiver.models) times[r * size + place] += 1;
  });
  const trims = Int32Array.from(receivers, ({ faulty }) => faulty);
  const ends = Int32Array.from(receivers, ({ models: received, faulty }) => received.length - faulty);
  const results = receivers.map(({ mixed }) => mixed);
  for (let k = 0; k < models[0].length; k++) {
    for (let j = 0; j < size; j++) {
      values[j] = models[j][k];
      places[j] = j;
    }
    sortWithPlaces(values, places);
    for (let r = 0; r < results.length; r++) {
      const row = r * size;
      const trim = trims[r];
      const end = ends[r];
      let s = 0;
      let passed = 0;
      while (passed <= trim) passed += times[row + places[s++]];
      let sum = values[s - 1] * (passed - trim);
      while (passed < end) {
        const count = times[row + places[s]];
        sum += values[s++] * count;
        passed += count;
      }
      // A model received several times may straddle the end.
      sum -= values[s - 1] * (passed - end);
      results[r][k] = sum / (end - trim);
    }
  }
}

/**
 * See `CoordinateRule`. In each coordinate the trimmed sum of the h sorted honest numbers s and f copies of v is the
 * sum of s_f .. s_(h-f-1), which are never trimmed, and of v clipped to [s_i, s_(h-f+i)] for each i < f: a copy beyond
 * the i-th number from either end is trimmed in its place.
 */
function displacement(
  honest: readonly Vector[],
  mean: Float64Array,
  direction: Float64Array,
  faulty: number,
): (z: number) => number {
  const h = honest.length;
  const d = mean.length;
  // For each coordinate the f smallest, the f largest, and the sum of the others.
  const width = 2 * faulty + 1;
  const parts = new Float64Array(d * width);
  const column = new Float64Array(h);
  for (let k = 0, at = 0; k < d; k++, at += width) {
    for (let j = 0; j < h; j++) column[j] = honest[j][k] - mean[k];
    sortFew(column);
    for (let i = 0; i < faulty; i++) {
      parts[at + i] = column[i];
      parts[at + faulty + i] = column[h - faulty + i];
    }
    for (let j = faulty; j < h - faulty; j++) parts[at + 2 * faulty] += column[j];
  }
  const kept = h - faulty;
  return (z) => {
    let total = 0;
    for (let k = 0, at = 0; k < d; k++, at += width) {
      const value = z * direction[k];
      let sum = parts[at + 2 * faulty];
      for (let i = 0; i < faulty; i++) {
        sum += Math.max(parts[at + i], Math.min(value, parts[at + faulty + i]));
      }
      total += sum * sum;
    }
    return total / (kept * kept);
  };
}

/**
 * The trimmed mean as a mixing rule: drops the f smallest and f largest received numbers of each coordinate.
 * Source: Yin, Chen, Kannan & Bartlett 2018, "Byzantine-robust distributed learning".
 */
export function coordinateTrimmedMean(): CoordinateRule {
  return {
    kind: "coordinate-wise",
    name: "trimmed mean",
    fewest: (faulty) => 2 * faulty + 1,
    mix: (models, { faulty }) => trimmedMean(models, { trim: faulty }),
    mixAll,
    displacement,
  };
}
