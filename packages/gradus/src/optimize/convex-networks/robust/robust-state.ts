/** Plain data from which the method continues bit for bit: blocks, their copies and scaled duals. */
export interface RobustState {
  u: Float64Array;
  tau: Float64Array;
  /** The copy with the group penalty. */
  v: Float64Array;
  lambda: Float64Array;
  /** The copies with |q_i|_1 <= t_i. */
  q: Float64Array;
  qDual: Float64Array;
  t: Float64Array;
  tDual: Float64Array;
  /** (2D_i - I) X u_i - epsilon tau_i 1, kept nonnegative. */
  s: Float64Array;
  nu: Float64Array;
  /** n x d: sum_i d_ik (v_i - w_i) of every row, with the loss. */
  rows: Float64Array;
  rowsDual: Float64Array;
  primalResidual: number;
  dualResidual: number;
  scale: number;
}

/** The state at which the method starts: zeros. */
export function startingRobustState(blocks: number, d: number, n: number): RobustState {
  const weights = () => new Float64Array(blocks * d);
  const each = () => new Float64Array(blocks);
  const inputs = () => new Float64Array(blocks * n);
  const byRow = () => new Float64Array(n * d);
  return {
    u: weights(),
    tau: each(),
    v: weights(),
    lambda: weights(),
    q: weights(),
    qDual: weights(),
    t: each(),
    tDual: each(),
    s: inputs(),
    nu: inputs(),
    rows: byRow(),
    rowsDual: byRow(),
    primalResidual: Number.POSITIVE_INFINITY,
    dualResidual: Number.POSITIVE_INFINITY,
    scale: 1,
  };
}
