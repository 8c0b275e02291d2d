import { array } from "@gradus/graph";
import type { RandomStream } from "gradus/random";
import type { Add } from "../curvature-inputs.ts";
import { sizes } from "../sizes.ts";

const { hessian, tangent, fixed, infinite } = sizes.scaling;

/** A network of two hidden layers, rows, labels in turn, and a vector over the parameters. */
function addNetwork(
  add: Add,
  name: string,
  { inputs, classes }: { readonly inputs: number; readonly classes: number },
  { width, rows }: { readonly width: number; readonly rows: number },
  stream: RandomStream,
): void {
  const normal = (part: string, shape: readonly number[], deviation: number) => {
    const own = stream.split(part);
    const length = shape.reduce((a, b) => a * b, 1);
    add(
      `${name}.${part}`,
      array(
        Float32Array.from({ length }, () => deviation * own.normal()),
        shape,
      ),
    );
    return length;
  };
  const widths = [inputs, width, width, classes];
  let dimension = 0;
  for (let i = 0; i < 3; i++) {
    dimension += normal(`w${i}`, [widths[i], widths[i + 1]], 1 / Math.sqrt(widths[i]));
    dimension += normal(`b${i}`, [widths[i + 1]], 0.1);
  }
  normal("v", [dimension], 1);
  normal("x", [rows, inputs], 1);
  add(`${name}.y`, array(BigInt64Array.from({ length: rows }, (_, i) => BigInt(i % classes))));
}

/** The networks and points of the curvature's scaling figures. */
export function addCurvatureInputs(add: Add, stream: RandomStream): void {
  for (const [kind, about] of Object.entries({ hessian, tangent })) {
    const { width, rows } = kind === "hessian" ? fixed.hessian : fixed.tangent;
    for (const w of about.widths) {
      const name = `scaling.${kind}.widths.${w}`;
      addNetwork(add, name, about, { width: w, rows }, stream.split(name));
    }
    for (const n of about.rows) {
      const name = `scaling.${kind}.rows.${n}`;
      addNetwork(add, name, about, { width, rows: n }, stream.split(name));
    }
  }
  for (const rows of infinite.rows) {
    const own = stream.split(`infinite ${rows}`);
    const length = rows * infinite.columns;
    add(
      `scaling.infinite.${rows}`,
      array(
        Float32Array.from({ length }, () => own.normal()),
        [rows, infinite.columns],
      ),
    );
  }
}
