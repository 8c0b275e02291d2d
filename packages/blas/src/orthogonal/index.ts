export { type LeastSquares, leastSquares } from "./least-squares.ts";
export { applyQ, formQ, pivotedQr, type QrFactors, qr, upperFactor } from "./qr.ts";
export { type Svd, singularValues, svd } from "./svd.ts";
