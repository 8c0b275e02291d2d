import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

type Handlers = Readonly<Record<number, (reader: BinaryReader, wire: WireType) => void>>;

/** Iterates over the fields of a message; fields without a handler are skipped. */
export function readFields(bytes: Uint8Array, handlers: Handlers): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    const handle = handlers[field];
    if (handle) handle(reader, wire);
    else reader.skip(wire);
  }
}

/** Reads a repeated number, packed or not. */
export function readRepeated<T>(
  reader: BinaryReader,
  wire: WireType,
  into: T[],
  one: (reader: BinaryReader) => T,
): void {
  if (wire !== WireType.LengthDelimited) {
    into.push(one(reader));
    return;
  }
  const packed = new BinaryReader(reader.bytes());
  while (packed.pos < packed.len) into.push(one(packed));
}

/** Reads a pair of texts: a key and its value. */
export function pairOf(bytes: Uint8Array): readonly [string, string] {
  let [key, value] = ["", ""];
  readFields(bytes, {
    1: (reader) => {
      key = reader.string();
    },
    2: (reader) => {
      value = reader.string();
    },
  });
  return [key, value];
}
