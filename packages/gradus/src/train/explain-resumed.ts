import { flattenTree, type TensorSpec, type Tree } from "@gradus/graph";
import { ArgumentError } from "../check/errors.ts";
import { flattenArrays, type Values } from "../tree/arrays.ts";
import { treeSpecs } from "../tree/signature.ts";

const isSpec = (value: unknown): value is TensorSpec =>
  typeof value === "object" && value !== null && "dtype" in value && "shape" in value;

const signatureOf = (specs: Tree<TensorSpec>): string =>
  JSON.stringify(flattenTree(specs, isSpec).leaves.map(({ dtype, shape }) => [dtype, shape]));

/**
 * Says, after steps from a state failed, whether the state is another training's: of other parameters, or of another
 * optimizer.
 *
 * @throws ArgumentError naming what does not fit
 */
export function explainResumed(
  { parameters, optimizerState }: { readonly parameters: unknown; readonly optimizerState: Values },
  wanted: { readonly parameters: unknown; readonly optimizerSpecs: Tree<TensorSpec> },
): void {
  const [own, compiled] = [flattenArrays(parameters), flattenArrays(wanted.parameters)];
  const shapes = ({ leaves, paths }: typeof own) =>
    leaves.map(({ dtype, shape }, i) => `${paths[i]} ${dtype}[${shape.join(", ")}]`);
  const [got, expected] = [shapes(own), shapes(compiled)];
  const i = expected.findIndex((shape, k) => shape !== got[k]);
  if (i >= 0 || got.length > expected.length)
    throw new ArgumentError(
      `resume.state.parameters must be those of the model: ${expected[i] ?? "nothing more"}, got ${got[i < 0 ? expected.length : i] ?? "nothing"}`,
    );
  if (signatureOf(treeSpecs(optimizerState)) !== signatureOf(wanted.optimizerSpecs))
    throw new ArgumentError(
      "resume.state.optimizerState must be of the same optimizer; to go on with another, start from parameters instead",
    );
}
