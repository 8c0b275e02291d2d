// The softmax of rows whose scores stand class by class.
import { expOfNegatives } from "./exponential";
import { add, div, larger, loadVector, storeVector, sub, WIDTH, zero } from "./simd";

/** Rows whose numbers stay in the first-level cache between the steps. */
const BLOCK: i32 = 256;

/** The largest score of whole vectors of rows, which is subtracted from all. */
export function centerScores(n: i32, classes: i32, scores: usize, stride: usize, largest: usize): void {
  const end = scores + (<usize>n << 3);
  for (; scores < end; scores += WIDTH) {
    let most = loadVector(scores);
    let score = scores;
    for (let c = 1; c < classes; c++) {
      score += stride;
      most = larger(most, loadVector(score));
    }
    storeVector(largest, most);
    largest += WIDTH;
    score = scores;
    for (let c = 0; c < classes; c++) {
      storeVector(score, sub(loadVector(score), most));
      score += stride;
    }
  }
}

/** Divides the exponentials of whole vectors of rows by their sums. */
export function normalizeRows(n: i32, classes: i32, scores: usize, stride: usize, sums: usize): void {
  const end = scores + (<usize>n << 3);
  for (; scores < end; scores += WIDTH) {
    let sum = zero();
    let score = scores;
    for (let c = 0; c < classes; c++) {
      sum = add(sum, loadVector(score));
      score += stride;
    }
    storeVector(sums, sum);
    sums += WIDTH;
    score = scores;
    for (let c = 0; c < classes; c++) {
      storeVector(score, div(loadVector(score), sum));
      score += stride;
    }
  }
}

/**
 * Overwrites scores z_c with probabilities e^{z_c - m} / s,  m = max_c z_c,  s = sum_c e^{z_c - m}. Arrays are padded to
 * two vectors; what is written there is arbitrary.
 *
 * @param stride bytes from a class to the next
 * @param largest n numbers, overwritten by m
 * @param sums n numbers, overwritten by s
 */
export function softmaxRows(
  n: i32, classes: i32, scores: usize, stride: usize, largest: usize, sums: usize,
): void {
  for (let i = 0; i < n; i += BLOCK) {
    const count = min(BLOCK, n - i);
    const at = <usize>i << 3;
    centerScores(count, classes, scores + at, stride, largest + at);
    for (let c = 0; c < classes; c++) {
      const score = scores + at + <usize>c * stride;
      expOfNegatives(count, score, score);
    }
    normalizeRows(count, classes, scores + at, stride, sums + at);
  }
}
