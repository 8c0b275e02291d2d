import type { LsaModel } from "./lsa.ts";

/**
 * A model as bytes: the length of a JSON head (4 bytes, little endian), the head (documents, dimension, terms),
 * padding to 4 bytes, the frequencies (uint32) and the vectors (float32), both little endian.
 */
export function encodeModel({
  documents,
  dimension,
  vocabulary,
  frequencies,
  vectors,
}: LsaModel): Uint8Array {
  const head = new TextEncoder().encode(
    JSON.stringify({ documents, dimension, terms: [...vocabulary.keys()] }),
  );
  const start = Math.ceil((4 + head.length) / 4) * 4;
  const bytes = new Uint8Array(start + frequencies.byteLength + vectors.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, head.length, true);
  bytes.set(head, 4);
  for (const [i, value] of frequencies.entries()) view.setUint32(start + 4 * i, value, true);
  const second = start + frequencies.byteLength;
  for (const [i, value] of vectors.entries()) view.setFloat32(second + 4 * i, value, true);
  return bytes;
}

/**
 * The model of `encodeModel`'s bytes.
 *
 * @throws Error when they are not a model's
 */
export function decodeModel(bytes: Uint8Array): LsaModel {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.byteLength >= 4 ? view.getUint32(0, true) : 0;
  if (length === 0 || 4 + length > bytes.byteLength)
    throw new Error(`the embedding model is truncated: ${bytes.byteLength} bytes are too few for its header`);
  const head: { documents: number; dimension: number; terms: string[] } = JSON.parse(
    new TextDecoder().decode(bytes.subarray(4, 4 + length)),
  );
  const { documents, dimension, terms } = head;
  const start = Math.ceil((4 + length) / 4) * 4;
  const wanted = start + 4 * terms.length * (1 + dimension);
  if (bytes.byteLength !== wanted)
    throw new Error(
      `the embedding model of ${terms.length} terms must have ${wanted} bytes, got ${bytes.byteLength}`,
    );
  const frequencies = Uint32Array.from(terms, (_, i) => view.getUint32(start + 4 * i, true));
  const second = start + 4 * terms.length;
  const vectors = new Float32Array(terms.length * dimension);
  for (let i = 0; i < vectors.length; i++) vectors[i] = view.getFloat32(second + 4 * i, true);
  return {
    documents,
    dimension,
    vocabulary: new Map(terms.map((term, i) => [term, i])),
    frequencies,
    vectors,
  };
}
