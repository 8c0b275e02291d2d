import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** The next content of a field; undefined leaves it as it is, null leaves it out. */
type Rewrite = (content: Uint8Array) => Uint8Array | undefined | null;

/** A message with the contents of some fields rewritten; all other bytes stay as they are, in their order. */
export function rewriteFields(bytes: Uint8Array, rewrites: Readonly<Record<number, Rewrite>>): Uint8Array {
  const reader = new BinaryReader(bytes);
  const writer = new BinaryWriter();
  // The end of what has been written: what no rewriting changes is copied in as long pieces as possible.
  let copied = 0;
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
    writer.raw(bytes.subarray(copied, start));
    if (next !== null) writer.tag(field, WireType.LengthDelimited).bytes(next);
    copied = reader.pos;
  }
  return writer.raw(bytes.subarray(copied)).finish();
}
