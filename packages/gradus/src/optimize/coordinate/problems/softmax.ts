import { checkGivenOptions } from "../../../check/options.ts";
import { isSparse } from "../../../linalg/matrix.ts";
import { csrFromDense } from "../../../linalg/sparse/build.ts";
import { csrToCsc } from "../../../linalg/sparse/csc.ts";
import { rowMajor, softmaxLoss, softmaxOfRows } from "../../../losses/softmax.ts";
import { checkDesign, type DesignMatrix, rowNumbers } from "../../../objectives/design-matrix.ts";
import { sparseColumns } from "../columns.ts";
import type { BlockProblem } from "../problem.ts";

/**
 * Softmax regression by blocks of (feature, class) pairs, without intercept and without 1/m:
 *
 *     f(X) = sum_i [ lse(a_i^T X) - (a_i^T X)_(y_i) ],   g_(f,c) = sum_i a_if (p_ic - [y_i = c])
 *
 * The block Hessian's entry of (f,c) and (f',c') is sum_i a_if a_if' p_ic ([c = c'] - p_ic'), bounded by
 * 1/2 ([c = c'] - 1/k) a_f^T a_f' with k = min(classes, distinct classes in the block + 1). The scores A X are carried
 * along X. Coordinate f * classes + c belongs to feature f and class c.
 * Source of the bound: Böhning 1992, "Multinomial logistic regression algorithm".
 *
 * @param A m x n: dense, or by compressed rows; it must not change while it is in use
 * @param y m classes 0 .. classes - 1
 * @throws ArgumentError when the sizes of A and y differ, or classes is not an integer >= 2
 * @throws DataError naming the row of a label outside the classes, or the place of a number that is not finite
 */
export function blockSoftmax(
  A: DesignMatrix,
  y: ArrayLike<number>,
  options: { classes: number },
): BlockProblem {
  checkGivenOptions("blockSoftmax", options, ["classes"]);
  const { classes } = options;
  const loss = softmaxLoss(classes);
  const labels = rowNumbers(y, A.rows, "y");
  loss.checkLabels("y", labels);
  checkDesign(A);
  const csc = csrToCsc(isSparse(A) ? A : csrFromDense(A));
  const { rows: m, columns: features, columnPointers, rowIndices, values } = csc;
  const columns = sparseColumns(csc);
  const squares = columns.squaredNorms();
  const dimension = features * classes;
  const excess = new Float64Array(m * classes);
  const losses = new Float64Array(m);
  const layout = rowMajor(m, classes);
  const spread = new Float64Array(m);
  const spreadProbability = new Float64Array(m);

  /** Writes p_ic - [y_i = c]. */
  function slopes(scores: Float64Array): void {
    softmaxOfRows(scores, excess, layout);
    for (let i = 0; i < m; i++) excess[i * classes + labels[i]] -= 1;
  }

  function addScores(block: Int32Array, step: Float64Array, scores: Float64Array): void {
    for (let p = 0; p < block.length; p++) {
      const feature = Math.floor(block[p] / classes);
      const c = block[p] - feature * classes;
      const end = columnPointers[feature + 1];
      for (let k = columnPointers[feature]; k < end; k++)
        scores[rowIndices[k] * classes + c] += step[p] * values[k];
    }
  }

  /** out_(f,c) = sum_i a_if v_ic. */
  function adjoint(v: Float64Array, out: Float64Array): void {
    out.fill(0);
    for (let f = 0; f < features; f++) {
      const base = f * classes;
      const end = columnPointers[f + 1];
      for (let k = columnPointers[f]; k < end; k++) {
        const row = rowIndices[k] * classes;
        for (let c = 0; c < classes; c++) out[base + c] += values[k] * v[row + c];
      }
    }
  }

  return {
    dimension,
    lipschitz: Float64Array.from({ length: dimension }, (_, k) => squares[Math.floor(k / classes)] / 4),
    quadratic: false,
    carry(x) {
      const scores = new Float64Array(m * classes);
      addScores(Int32Array.from(x.keys()), x, scores);
      return scores;
    },
    value(_, scores) {
      loss.evaluate(scores, labels, losses);
      let total = 0;
      for (let i = 0; i < m; i++) total += losses[i];
      return total;
    },
    gradient(_, scores, out) {
      slopes(scores);
      adjoint(excess, out);
    },
    partials(_, scores, block, out) {
      slopes(scores);
      for (let p = 0; p < block.length; p++) {
        const f = Math.floor(block[p] / classes);
        const c = block[p] - f * classes;
        let sum = 0;
        for (let k = columnPointers[f]; k < columnPointers[f + 1]; k++)
          sum += values[k] * excess[rowIndices[k] * classes + c];
        out[p] = sum;
      }
    },
    bound(block, out) {
      const size = block.length;
      const classOf = block.map((k) => k % classes);
      columns.gram(
        block.map((k) => Math.floor(k / classes)),
        undefined,
        out,
      );
      const k = Math.min(classes, new Set(classOf).size + 1);
      for (let p = 0; p < size; p++)
        for (let q = 0; q < size; q++) out[p * size + q] *= ((classOf[p] === classOf[q] ? 1 : 0) - 1 / k) / 2;
    },
    hessian(_, scores, block, out) {
      const size = block.length;
      softmaxOfRows(scores, excess, layout);
      for (let p = 0; p < size; p++) {
        const f = Math.floor(block[p] / classes);
        const c = block[p] - f * classes;
        const [begin, end] = [columnPointers[f], columnPointers[f + 1]];
        for (let k = begin; k < end; k++) {
          const probability = excess[rowIndices[k] * classes + c];
          spread[rowIndices[k]] = values[k] * probability;
          spreadProbability[rowIndices[k]] = values[k] * probability * (1 - probability);
        }
        for (let q = p; q < size; q++) {
          const g = Math.floor(block[q] / classes);
          const d = block[q] - g * classes;
          let sum = 0;
          if (c === d)
            for (let k = columnPointers[g]; k < columnPointers[g + 1]; k++)
              sum += values[k] * spreadProbability[rowIndices[k]];
          else
            for (let k = columnPointers[g]; k < columnPointers[g + 1]; k++)
              sum -= values[k] * spread[rowIndices[k]] * excess[rowIndices[k] * classes + d];
          out[p * size + q] = sum;
          out[q * size + p] = sum;
        }
        for (let k = begin; k < end; k++) {
          spread[rowIndices[k]] = 0;
          spreadProbability[rowIndices[k]] = 0;
        }
      }
    },
    move(x, scores, block, step) {
      for (let p = 0; p < block.length; p++) x[block[p]] += step[p];
      addScores(block, step, scores);
    },
    boundProduct(block, step, out) {
      // 1/2 (I - 11^T / classes) on the scores' classes, between A and A^T
      excess.fill(0);
      addScores(block, step, excess);
      for (let i = 0; i < m; i++) {
        const row = i * classes;
        let mean = 0;
        for (let c = 0; c < classes; c++) mean += excess[row + c] / classes;
        for (let c = 0; c < classes; c++) excess[row + c] = (excess[row + c] - mean) / 2;
      }
      adjoint(excess, out);
    },
    boundRowSums() {
      // 1/2 (1 - 1/k) on the own class and k - 1 times 1/2 1/k on the others
      const sums = columns.gramRowSums();
      return Float64Array.from(
        { length: dimension },
        (_, k) => (1 - 1 / classes) * sums[Math.floor(k / classes)],
      );
    },
    gradientFlops: 2 * columns.entries * classes + 3 * m * classes,
    blockFlops: (block) => 2 * columns.blockEntries(block.map((k) => Math.floor(k / classes))),
  };
}
