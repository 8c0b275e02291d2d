import { DataError } from "../check/errors.ts";

const typedArrays = {
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8Array,
  BigInt64Array,
  BigUint64Array,
} as const;

type TypedArrayName = keyof typeof typedArrays;

const KEY = "$gradus";

function isTypedArrayName(name: string): name is TypedArrayName {
  return Object.hasOwn(typedArrays, name);
}

function encode(value: unknown, path: string): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (value === undefined) return { [KEY]: "undefined" };
  if (typeof value === "number")
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { [KEY]: "number", value: Object.is(value, -0) ? "-0" : String(value) };
  if (typeof value === "bigint") return { [KEY]: "bigint", value: String(value) };
  if (ArrayBuffer.isView(value)) {
    const name = value.constructor.name;
    if (!isTypedArrayName(name))
      throw new DataError(`checkpoint: ${path} is a ${name}, which cannot be stored`);
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    let binary = "";
    for (let i = 0; i < bytes.length; i += 8192)
      binary += String.fromCharCode(...bytes.subarray(i, Math.min(i + 8192, bytes.length)));
    return { [KEY]: name, base64: btoa(binary) };
  }
  if (Array.isArray(value)) return value.map((item, i) => encode(item, `${path}[${i}]`));
  if (value instanceof Map)
    return {
      [KEY]: "Map",
      entries: [...value].map(([k, v], i) => [encode(k, path), encode(v, `${path}<${i}>`)]),
    };
  if (typeof value === "object") {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      throw new DataError(
        `checkpoint: ${path} is a ${value.constructor.name}; only plain data can be stored`,
      );
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, encode(v, `${path}.${k}`)]));
  }
  throw new DataError(`checkpoint: ${path} is a ${typeof value}; only plain data can be stored`);
}

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (value === null || typeof value !== "object") return value;
  const record = value as Record<string, unknown>;
  const kind = record[KEY];
  if (typeof kind !== "string")
    return Object.fromEntries(Object.entries(record).map(([k, v]) => [k, decode(v)]));
  if (kind === "undefined") return undefined;
  if (kind === "number") return Number(record.value);
  if (kind === "bigint") return BigInt(String(record.value));
  if (kind === "Map") return new Map((record.entries as unknown[][]).map(([k, v]) => [decode(k), decode(v)]));
  if (!isTypedArrayName(kind)) throw new DataError(`checkpoint: unknown kind "${kind}"`);
  const binary = atob(String(record.base64));
  const bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0));
  return new typedArrays[kind](bytes.buffer);
}

/**
 * Writes plain data (numbers, strings, typed arrays, maps, nested objects) as JSON text and preserves every bit,
 * including NaN, infinities and -0.
 *
 * @throws DataError naming the path of a value that is not plain data
 */
export function serializeCheckpoint(value: unknown): string {
  return JSON.stringify(encode(value, "checkpoint"));
}

/**
 * Reads the text that `serializeCheckpoint` wrote.
 *
 * @throws DataError when the text is not a checkpoint
 */
export function parseCheckpoint(text: string): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new DataError("checkpoint: the text is not valid JSON; was it truncated?", { cause });
  }
  return decode(parsed);
}
