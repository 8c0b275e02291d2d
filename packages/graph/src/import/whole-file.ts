import { checkModelSource } from "../check.ts";
import { InputError } from "../errors.ts";
import { externalFiles } from "./external-files.ts";
import { type ReadOnnxOptions, readOnnx } from "./read-onnx.ts";
import { writeParameters } from "./replace-parameters.ts";

/**
 * The bytes of an ONNX file with all its tensors in itself; `of` is the public name of the function that takes it.
 *
 * @throws InputError when the source is neither bytes nor a path or URL, or tensors are in files that are not there
 * @throws UnsupportedError when the bytes are not an ONNX model
 */
export async function wholeFile(
  of: string,
  source: Uint8Array | string | URL,
  options: ReadOnnxOptions,
): Promise<Uint8Array> {
  checkModelSource(of, source);
  const { bytes, external } =
    source instanceof Uint8Array
      ? { bytes: source, external: options.external ?? {} }
      : await readOnnx(source, options);
  const names = externalFiles(bytes);
  for (const name of names)
    if (!Object.hasOwn(external, name))
      throw new InputError(
        `${of}: the model has tensors in ${JSON.stringify(name)}, which is not among the files of the option external (${Object.keys(external).join(", ") || "none"})`,
      );
  return names.length === 0 ? bytes : writeParameters(bytes, {}, external);
}
