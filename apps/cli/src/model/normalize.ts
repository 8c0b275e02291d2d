import type { ArrayValue } from "@gradus/graph";
import { UsageError } from "../errors.ts";

/** What `--mean` and `--std` say: one number, or one for each channel. */
export interface Normalization {
  readonly mean?: string;
  readonly std?: string;
}

function numbers(option: string, text: string | undefined, otherwise: number): number[] {
  if (text === undefined) return [otherwise];
  const list = text.split(",").map((word) => (word.trim() === "" ? Number.NaN : Number(word)));
  if (list.every((value) => Number.isFinite(value) && (option !== "--std" || value > 0))) return list;
  throw new UsageError(
    `${option} must be ${option === "--std" ? "numbers > 0" : "numbers"} separated by commas, got "${text}"`,
  );
}

/** The axis of a row that has the channels: the first after the rows, or the last. */
function channelAxis(shape: readonly number[], channels: number): number | undefined {
  return [1, shape.length - 1].find((axis) => axis >= 1 && shape[axis] === channels);
}

/**
 * (x - mean) / std of an input's numbers, for one number or each channel.
 *
 * @throws UsageError when the text is not numbers, or there are not as many as channels
 */
export function normalize(name: string, array: ArrayValue, { mean, std }: Normalization): ArrayValue {
  const { dtype, shape, data } = array;
  if ((mean === undefined && std === undefined) || (dtype !== "f32" && dtype !== "f64")) return array;
  const [means, deviations] = [numbers("--mean", mean, 0), numbers("--std", std, 1)];
  const channels = Math.max(means.length, deviations.length);
  if ([means, deviations].some(({ length }) => length !== 1 && length !== channels))
    throw new UsageError(`--mean has ${means.length} numbers, --std has ${deviations.length}`);
  const axis = channels === 1 ? 0 : channelAxis(shape, channels);
  if (axis === undefined)
    throw new UsageError(
      `--mean and --std have ${channels} numbers; the input ${name} [rows, ${shape.slice(1).join(", ")}] does not have as many channels`,
    );
  const stride = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const result = dtype === "f32" ? new Float32Array(data.length) : new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const c = Math.floor(i / stride) % channels;
    result[i] = (Number(data[i]) - means[c % means.length]) / deviations[c % deviations.length];
  }
  return { dtype, shape, data: result };
}
