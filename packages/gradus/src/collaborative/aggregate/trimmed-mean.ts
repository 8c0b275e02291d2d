import { ArgumentError } from "../../errors.ts";
import { requireModels, type Vector, zerosAs } from "../vector.ts";
import type { CoordinateRule, Receiver } from "./rule.ts";

/** Sorts values ascending, and beside them their places: insertion, for the few numbers of a coordinate. */
function sortWithPlaces(values: Float64Array, places: Int32Array, count: number): void {
  for (let i = 1; i < count; i++) {
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
 * Coordinate-wise trimmed mean: in each coordinate the `trim` smallest and the `trim` largest numbers are left out and
 * the others averaged.
 * Source: Yin, Chen, Kannan & Bartlett 2018, "Byzantine-robust distributed learning".
 *
 * @param models vectors of d numbers each
 * @returns d numbers, in the precision of the first model
 * @throws ArgumentError unless trim is an integer >= 0 with 2 trim < number of models
 * @throws DataError when lengths differ
 */
export function trimmedMean(models: readonly Vector[], { trim }: { readonly trim: number }): Vector {
  requireModels(models);
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

/** Every coordinate is sorted once for all receivers; each walks it, passing over what it did not receive. */
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
    sortWithPlaces(values, places, size);
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
      // A model that was received several times may reach beyond the end.
      sum -= values[s - 1] * (passed - end);
      results[r][k] = sum / (end - trim);
    }
  }
}

/** See `CoordinateRule`: with the honest numbers sorted and summed once, a z costs one search a coordinate. */
function displacement(
  honest: readonly Vector[],
  mean: Float64Array,
  direction: Float64Array,
  faulty: number,
): (z: number) => number {
  const h = honest.length;
  const d = mean.length;
  const sorted = new Float64Array(d * h);
  const sums = new Float64Array(d * (h + 1));
  const column = new Float64Array(h);
  const places = new Int32Array(h);
  for (let k = 0; k < d; k++) {
    for (let j = 0; j < h; j++) column[j] = honest[j][k] - mean[k];
    sortWithPlaces(column, places, h);
    sorted.set(column, k * h);
    let sum = 0;
    for (let j = 0; j < h; j++) {
      sum += column[j];
      sums[k * (h + 1) + j + 1] = sum;
    }
  }
  const kept = h - faulty;
  return (z) => {
    let total = 0;
    for (let k = 0; k < d; k++) {
      const value = z * direction[k];
      const row = k * h;
      let below = 0;
      let above = h;
      while (below < above) {
        const middle = (below + above) >> 1;
        if (sorted[row + middle] < value) below = middle + 1;
        else above = middle;
      }
      // In order: `below` honest numbers, the faulty ones, the other honest ones. Places faulty .. h - 1 are kept.
      const at = k * (h + 1);
      let sum = value * Math.max(0, Math.min(below + faulty, h) - Math.max(below, faulty));
      if (below > faulty) sum += sums[at + below] - sums[at + faulty];
      if (below < kept) sum += sums[at + kept] - sums[at + below];
      total += (sum / kept) ** 2;
    }
    return total;
  };
}

/** The trimmed mean as a mixing rule: the f smallest and f largest received numbers of each coordinate are left out. */
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
