import { loadDataset, selectRows, standardize, trainTestSplit } from "gradus/data";
import {
  diffuse,
  kernelScore,
  reverseDiffusion,
  scoreRegression,
  variancePreservingProcess,
} from "gradus/diffusion";
import { solve } from "gradus/iterate";
import { randomStream } from "gradus/random";

// Noise turns the measurements of iris flowers into standard normal numbers by time 3.
const process = variancePreservingProcess({ endTime: 3 });
const { x } = await loadDataset("iris");
const rows = standardize(x).apply(x);
const { train, test } = trainTestSplit(x.rows, { testShare: 0.3, seed: 1 });
const data = scoreRegression(process, selectRows(rows, train), { drawsPerSample: 4, seed: 1 });
const heldOut = scoreRegression(process, selectRows(rows, test), { drawsPerSample: 8, seed: 2 });

// Training for every number of steps at once; held-out flowers choose one.
const score = await kernelScore(data);
const steps = await score.stop({ rule: "holdout", validation: heldOut });
const [untrained, trained] = await score.losses(heldOut, [0, steps]);
console.log(`held-out loss ${untrained} untrained, ${trained} after ${steps} steps`);

// New flowers: three of those held out, turned to noise, and followed back in time by the score.
const flowers = selectRows(rows, test.slice(0, 3));
const start = diffuse(process, flowers, 3, randomStream(3)).points;
const back = reverseDiffusion(process, score.estimate(steps).score, { start, seed: 4 });
const { iterate } = await solve(back);
console.log("three new flowers:", iterate.points.values.join(" "));
