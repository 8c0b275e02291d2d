import { lowerBoundAt, randomFeatureRegression } from "gradus/nn/random-features";

// 400 samples of a wave of frequency 6 that dies away, and random hidden units.
const wave = (t: number) => Math.exp(-3 * t) * Math.sin(12 * Math.PI * t);
const x = { rows: 400, columns: 1, values: Float64Array.from({ length: 400 }, (_, j) => j / 399) };
const y = x.values.map(wave);

// Hidden parameters from [-1, 1] x [-1, 1]: too small a domain for this target.
const small = randomFeatureRegression({ x, y, slope: 1, width: 150 });
console.log(small.bandwidth.message);
console.log("rank of the features:", small.bandwidth.rank);
for (const budget of [10, 1000]) {
  const bound = lowerBoundAt(small.certificate, budget);
  console.log(`weights summing to ${budget}: no error below ${bound} (${small.certificate.kind})`);
}

// The domain chosen on held-out rows.
const chosen = randomFeatureRegression({ x, y, width: 150 });
console.log(chosen.bandwidth.message);
console.log("error on held-out rows:", chosen.validationRmse);
const at = { rows: 1, columns: 1, values: Float64Array.of(0.123) };
console.log(`at 0.123: ${chosen.predict(at)[0]}, true ${wave(0.123)}`);
