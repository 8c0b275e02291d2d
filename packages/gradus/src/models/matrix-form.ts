import type { ImportedModel } from "@gradus/graph";

/** How the numbers of a parameter are matrices: `stack` of them, one after another, each rows x columns. */
export interface MatrixForm {
  readonly stack: readonly number[];
  readonly rows: number;
  readonly columns: number;
}

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

const recurrent = ["LSTM", "GRU", "RNN"];

/**
 * What is left of a parameter by itself: biases, scales, also ones with dimensions of size 1 for broadcasting, and the
 * biases and peepholes of recurrent layers.
 */
function isVector({
  shape,
  uses,
}: {
  shape: readonly number[];
  uses: ImportedModel["uses"][string];
}): boolean {
  return (
    shape.length < 2 ||
    (shape.length > 2 && shape.filter((size) => size > 1).length < 2) ||
    (uses.length > 0 && uses.every(({ operator, input }) => recurrent.includes(operator) && input > 2))
  );
}

/**
 * A parameter as matrices, of which low-rank changes are changes of the same kind: a matrix itself; a kernel [m, c, ...]
 * of a convolution as m x (c ...), of which a change of rank r is a convolution with r channels and one of size 1 after it;
 * a matrix for each direction of a recurrent layer, or for each entry of a batch of products. `null` for a vector,
 * undefined where there is no such form.
 */
export function matrixForm(
  { parameters, uses }: Pick<ImportedModel, "parameters" | "uses">,
  name: string,
): MatrixForm | null | undefined {
  const { shape } = parameters[name];
  const own = uses[name] ?? [];
  if (isVector({ shape, uses: own })) return null;
  if (shape.length === 2) return { stack: [], rows: shape[0], columns: shape[1] };
  const all = (operators: readonly string[], places: readonly number[]) =>
    own.length > 0 &&
    own.every(({ operator, input }) => operators.includes(operator) && places.includes(input));
  if (all(["Conv", "ConvTranspose"], [1]))
    return { stack: [], rows: shape[0], columns: count(shape.slice(1)) };
  if (all(recurrent, [1, 2]) || all(["MatMul"], [0, 1])) {
    const [rows, columns] = shape.slice(-2);
    return { stack: shape.slice(0, -2), rows, columns };
  }
  return undefined;
}
