import { UnsupportedError } from "../errors.ts";
import { pairOf, readFields } from "../onnx/fields.ts";

const EXTERNAL = 1;

/**
 * The names of the files that hold tensors outside an ONNX file, as it gives them: relative to its folder. They are the
 * keys of the option `external` of `importOnnx`; whoever reads them must see that none leaves the folder.
 *
 * @throws UnsupportedError when the bytes are not an ONNX model
 */
export function externalFiles(model: Uint8Array): string[] {
  const names = new Set<string>();
  const tensor = (bytes: Uint8Array) => {
    let location: string | undefined;
    let apart = false;
    readFields(bytes, {
      13: (reader) => {
        const [key, value] = pairOf(reader.bytes());
        if (key === "location") location = value;
      },
      14: (reader) => {
        apart = reader.int32() === EXTERNAL;
      },
    });
    if (apart && location !== undefined) names.add(location);
  };
  const sparseTensor = (bytes: Uint8Array) =>
    readFields(bytes, { 1: (reader) => tensor(reader.bytes()), 2: (reader) => tensor(reader.bytes()) });
  const attribute = (bytes: Uint8Array) =>
    readFields(bytes, {
      5: (reader) => tensor(reader.bytes()),
      6: (reader) => graph(reader.bytes()),
      10: (reader) => tensor(reader.bytes()),
      11: (reader) => graph(reader.bytes()),
      22: (reader) => sparseTensor(reader.bytes()),
    });
  const node = (bytes: Uint8Array) => readFields(bytes, { 5: (reader) => attribute(reader.bytes()) });
  const graph = (bytes: Uint8Array) =>
    readFields(bytes, {
      1: (reader) => node(reader.bytes()),
      5: (reader) => tensor(reader.bytes()),
      15: (reader) => sparseTensor(reader.bytes()),
    });
  try {
    readFields(model, {
      7: (reader) => graph(reader.bytes()),
      25: (reader) => readFields(reader.bytes(), { 7: (body) => node(body.bytes()) }),
    });
  } catch (cause) {
    throw new UnsupportedError("not an ONNX model: the fields cannot be parsed", { cause });
  }
  return [...names];
}
