import { fitConvexReluNetwork } from "gradus/optimize/convex-networks";

const x = { rows: 4, columns: 1, values: Float64Array.of(-1, 0, 1, 2) };
const { certificate } = await fitConvexReluNetwork({ x, y: [1, 0, 1, 2], beta: 0.1 });
console.log(certificate.objective, certificate.lowerBound);
