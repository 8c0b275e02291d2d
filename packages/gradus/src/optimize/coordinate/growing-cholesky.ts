/** The Cholesky factor of the rows and columns of H that belong to a set which gains and loses members. */
export interface GrowingCholesky {
  /** The members, in the order of the factor's rows. */
  readonly members: Int32Array;
  /** How many there are. */
  size: number;
  readonly L: Float64Array;
  readonly stride: number;
}

/** An empty set of at most `capacity` members. */
export function growingCholesky(capacity: number): GrowingCholesky {
  return {
    members: new Int32Array(capacity),
    size: 0,
    L: new Float64Array(capacity * capacity),
    stride: capacity,
  };
}

/** q <- L^-1 q. */
function forward({ L, size, stride }: GrowingCholesky, q: Float64Array): void {
  for (let i = 0; i < size; i++) {
    const row = i * stride;
    let sum = q[i];
    for (let k = 0; k < i; k++) sum -= L[row + k] * q[k];
    q[i] = sum / L[row + i];
  }
}

/** q <- L^-T q. */
function backward({ L, size, stride }: GrowingCholesky, q: Float64Array): void {
  for (let i = size - 1; i >= 0; i--) {
    const row = i * stride;
    q[i] /= L[row + i];
    const value = q[i];
    for (let k = 0; k < i; k++) q[k] -= L[row + k] * value;
  }
}

/** q <- (L L^T)^-1 q, the first `size` numbers. */
export function solveMembers(factor: GrowingCholesky, q: Float64Array): void {
  forward(factor, q);
  backward(factor, q);
}

/**
 * Adds member j of the n x n matrix H.
 *
 * @param column scratch, at least `size` numbers; where j depends on the members, it is left as H_FF^-1 H_Fj
 * @returns false, and adds nothing, when column j depends on the members' columns to rounding
 */
export function addMember(
  factor: GrowingCholesky,
  H: Float64Array,
  n: number,
  j: number,
  column: Float64Array,
): boolean {
  const { L, members, size, stride } = factor;
  for (let i = 0; i < size; i++) column[i] = H[members[i] * n + j];
  forward(factor, column);
  let pivot = H[j * n + j];
  for (let i = 0; i < size; i++) pivot -= column[i] * column[i];
  if (!(pivot > 8 * (size + 1) * Number.EPSILON * H[j * n + j])) {
    backward(factor, column);
    return false;
  }
  const row = size * stride;
  for (let i = 0; i < size; i++) L[row + i] = column[i];
  L[row + size] = Math.sqrt(pivot);
  members[size] = j;
  factor.size += 1;
  return true;
}

/** Removes the member at a place: its row goes, and plane rotations make the rest triangular again. */
export function removeMember(factor: GrowingCholesky, place: number): void {
  const { L, members, stride } = factor;
  const last = factor.size - 1;
  for (let i = place; i < last; i++) {
    members[i] = members[i + 1];
    for (let k = 0; k <= i + 1; k++) L[i * stride + k] = L[(i + 1) * stride + k];
  }
  for (let k = place; k < last; k++) {
    const a = L[k * stride + k];
    const b = L[k * stride + k + 1];
    const length = Math.hypot(a, b);
    const [c, s] = [a / length, b / length];
    for (let i = k; i < last; i++) {
      const left = L[i * stride + k];
      const right = L[i * stride + k + 1];
      L[i * stride + k] = c * left + s * right;
      L[i * stride + k + 1] = c * right - s * left;
    }
  }
  factor.size = last;
}
