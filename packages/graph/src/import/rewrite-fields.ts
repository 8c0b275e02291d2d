import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** Bytes one after another, not yet copied into one array: a model's file can be large. */
export type Pieces = readonly Uint8Array[];

/**
 * The next content of a field; undefined leaves it as it is, null leaves it out, and `fields` are whole fields in its place.
 */
type Rewrite = (content: Uint8Array) => Uint8Array | Pieces | { readonly fields: Pieces } | undefined | null;

/** The bytes of pieces as one array. */
export function joined(pieces: Pieces): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** A field of bytes. */
export function bytesField(field: number, content: Uint8Array | Pieces): Pieces {
  const pieces = content instanceof Uint8Array ? [content] : content;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return [new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(length).finish(), ...pieces];
}

/** A message with the contents of some fields rewritten; all other bytes stay as they are, in their order. */
export function rewritePieces(bytes: Uint8Array, rewrites: Readonly<Record<number, Rewrite>>): Pieces {
  const reader = new BinaryReader(bytes);
  const pieces: Uint8Array[] = [];
  // The end of what has been written: what no rewriting changes is taken over in pieces as long as possible.
  let taken = 0;
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [field, wire] = reader.tag();
    const rewrite = wire === WireType.LengthDelimited ? rewrites[field] : undefined;
    if (!rewrite) {
      reader.skip(wire);
      continue;
    }
    const next = rewrite(reader.bytes());
    if (next === undefined) continue;
    pieces.push(bytes.subarray(taken, start));
    if (next !== null) pieces.push(...("fields" in next ? next.fields : bytesField(field, next)));
    taken = reader.pos;
  }
  pieces.push(bytes.subarray(taken));
  return pieces;
}

/** `rewritePieces` as one array. */
export function rewriteFields(
  bytes: Uint8Array,
  rewrites: Readonly<Record<number, Rewrite>>,
): Uint8Array<ArrayBuffer> {
  return joined(rewritePieces(bytes, rewrites));
}
