export { applyQ, formQ, pivotedQr, type QrFactors, qr, upperFactor } from "./qr.ts";
