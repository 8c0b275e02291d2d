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
const LINE_FEED = 10;

function isTypedArrayName(name: string): name is TypedArrayName {
  return Object.hasOwn(typedArrays, name);
}

/** Where the bytes of a typed array are kept: what is written of it, besides its kind. */
type Keep = (bytes: Uint8Array) => Readonly<Record<string, unknown>>;
/** The bytes of a typed array from what was written of it, in a buffer of their own. */
type Recall = (record: Readonly<Record<string, unknown>>) => ArrayBuffer;

const inText: Keep = (bytes) => {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 8192)
    binary += String.fromCharCode(...bytes.subarray(i, Math.min(i + 8192, bytes.length)));
  return { base64: btoa(binary) };
};

const fromText: Recall = ({ base64 }) => Uint8Array.from(atob(String(base64)), (c) => c.charCodeAt(0)).buffer;

function encode(value: unknown, path: string, keep: Keep): unknown {
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
    if (value.byteLength === 0 && "detached" in value.buffer && value.buffer.detached)
      throw new DataError(`checkpoint: ${path} is a ${name} whose buffer was transferred`);
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return { [KEY]: name, ...keep(bytes) };
  }
  if (Array.isArray(value)) return Array.from(value, (item, i) => encode(item, `${path}[${i}]`, keep));
  if (value instanceof Map)
    return {
      [KEY]: "Map",
      entries: [...value].map(([k, v], i) => [encode(k, path, keep), encode(v, `${path}<${i}>`, keep)]),
    };
  if (typeof value === "object") {
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      throw new DataError(
        `checkpoint: ${path} is a ${value.constructor.name}; only plain data can be stored`,
      );
    if (KEY in value) throw new DataError(`checkpoint: ${path} has the key ${KEY}, which checkpoints use`);
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, encode(v, `${path}.${k}`, keep)]));
  }
  throw new DataError(`checkpoint: ${path} is a ${typeof value}; only plain data can be stored`);
}

/** @throws DataError where something is not as `encode` writes it */
function decodeAll(value: unknown, recall: Recall): unknown {
  try {
    return decode(value, recall);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DataError(`checkpoint: a value cannot be read: ${reason}`, { cause });
  }
}

function decode(value: unknown, recall: Recall): unknown {
  if (Array.isArray(value)) return value.map((item) => decode(item, recall));
  if (value === null || typeof value !== "object") return value;
  const record = value as Record<string, unknown>;
  const kind = record[KEY];
  if (typeof kind !== "string")
    return Object.fromEntries(Object.entries(record).map(([k, v]) => [k, decode(v, recall)]));
  if (kind === "undefined") return undefined;
  if (kind === "number") return Number(record.value);
  if (kind === "bigint") return BigInt(String(record.value));
  if (kind === "Map")
    return new Map((record.entries as unknown[][]).map(([k, v]) => [decode(k, recall), decode(v, recall)]));
  if (!isTypedArrayName(kind)) throw new DataError(`checkpoint: unknown kind "${kind}"`);
  return new typedArrays[kind](recall(record));
}

/**
 * Writes plain data (numbers, strings, typed arrays, maps, nested objects) as JSON text and preserves every bit,
 * including NaN, infinities and -0.
 *
 * @throws DataError naming the path of a value that is not plain data
 */
export function serializeCheckpoint(value: unknown): string {
  return JSON.stringify(encode(value, "checkpoint", inText));
}

/**
 * Reads the text that `serializeCheckpoint` wrote.
 *
 * @throws DataError when the text is not a checkpoint
 */
export function parseCheckpoint(text: string): unknown {
  return decodeAll(parseJson(text), fromText);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataError("checkpoint: the text is not valid JSON; was it truncated?", { cause });
  }
}

/**
 * Writes the same data as `serializeCheckpoint` as bytes: a line of JSON, then the typed arrays as they are in memory.
 * It takes no more room than they do, and has no limit but theirs, where a text ends at half a gigabyte.
 *
 * @throws DataError naming the path of a value that is not plain data
 */
export function packCheckpoint(value: unknown): Uint8Array<ArrayBuffer> {
  const arrays: Uint8Array[] = [];
  let length = 0;
  const encoded = encode(value, "checkpoint", (bytes) => {
    const at = length;
    arrays.push(bytes);
    length += bytes.length;
    return { at, bytes: bytes.length };
  });
  const head = new TextEncoder().encode(`${JSON.stringify(encoded)}\n`);
  const packed = new Uint8Array(head.length + length);
  packed.set(head);
  let at = head.length;
  for (const bytes of arrays) {
    packed.set(bytes, at);
    at += bytes.length;
  }
  return packed;
}

/**
 * Reads the bytes that `packCheckpoint` wrote.
 *
 * @throws DataError when they are not a whole checkpoint
 */
export function unpackCheckpoint(packed: Uint8Array): unknown {
  const end = packed.indexOf(LINE_FEED);
  if (end < 0) throw new DataError("checkpoint: the first line has no end; was the file truncated?");
  const rest = packed.subarray(end + 1);
  return decodeAll(parseJson(new TextDecoder().decode(packed.subarray(0, end))), ({ at, bytes }) => {
    const [from, count] = [Number(at), Number(bytes)];
    if (!(from >= 0 && count >= 0 && from + count <= rest.length))
      throw new DataError(
        `checkpoint: an array ends at byte ${from + count}, and there are ${rest.length}; was the file truncated?`,
      );
    // Not slice, with which a Buffer of Node shares its memory.
    return new Uint8Array(rest.subarray(from, from + count)).buffer;
  });
}
