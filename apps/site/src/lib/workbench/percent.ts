/** A share in whole percent; an estimate may be below zero. */
export const percentOf = (share: number): string =>
  `${String(Math.round(100 * share)).replace("-", "\u2212")}%`;
