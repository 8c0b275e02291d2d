import { expect, test } from "vitest";
import { ArgumentError } from "../check/errors.ts";
import { centeredClipping, selfCenteredClipping } from "./aggregate/centered-clipping.ts";
import { geometricMedian, geometricMedianMixing } from "./aggregate/geometric-median.ts";
import { nearestNeighborAverage } from "./aggregate/nearest-neighbors.ts";
import { trimmedMean } from "./aggregate/trimmed-mean.ts";
import { lateNodes } from "./arrival.ts";
import { fallOfEmpires, littleIsEnough } from "./attack/along-direction.ts";
import { mimic } from "./attack/mimic.ts";
import { signFlip } from "./attack/sign-flip.ts";
import { localLoss } from "./local-loss.ts";
import { collaborativeMethods } from "./methods.ts";
import { mixRound } from "./mixing.ts";
import { dirichletPartition } from "./partition.ts";
import { faultyPeer } from "./peer/faulty-peer.ts";
import { inProcessNetwork } from "./peer/in-process.ts";
import { peer } from "./peer/peer.ts";
import { localObjectives } from "./problem.ts";
import { collaborativeTraining } from "./training.ts";
import { chunkedTransport } from "./transport/chunked.ts";
import { natsTransport } from "./transport/nats.ts";
import { signedTransport } from "./transport/signed.ts";

const models = [Float64Array.of(1, 2), Float64Array.of(3, 4), Float64Array.of(5, 7)];
const objective = { dimension: 1, value: () => 0, gradient: (x: Float64Array) => x };
const problem = localObjectives([objective as never], Float64Array.of(1));

test.each<readonly [string, (options: never) => unknown]>([
  ["centeredClipping", (options) => centeredClipping(models, options)],
  ["selfCenteredClipping", (options) => selfCenteredClipping(options)],
  ["geometricMedian", (options) => geometricMedian(models, options)],
  ["geometricMedianMixing", (options) => geometricMedianMixing(options)],
  ["nearestNeighborAverage", (options) => nearestNeighborAverage(models, options)],
  ["trimmedMean", (options) => trimmedMean(models, options)],
  ["lateNodes", (options) => lateNodes(options)],
  ["littleIsEnough", (options) => littleIsEnough(options)],
  ["fallOfEmpires", (options) => fallOfEmpires(options)],
  ["mimic", (options) => mimic(options)],
  ["signFlip", (options) => signFlip(options)],
  ["localLoss", (options) => localLoss(options)],
  ["collaborativeMethods", (options) => collaborativeMethods(options)],
  ["mixRound", (options) => mixRound(options)],
  ["dirichletPartition", (options) => dirichletPartition([0, 1], options)],
  ["localObjectives", (options) => localObjectives([objective as never], Float64Array.of(1), options)],
  ["collaborativeTraining", (options) => collaborativeTraining(problem, options).next()],
  ["peer", (options) => peer(options).next()],
  ["faultyPeer", (options) => faultyPeer(options).next()],
  ["inProcessNetwork", (options) => inProcessNetwork(options)],
  ["chunkedTransport", (options) => chunkedTransport(options)],
  ["natsTransport", (options) => natsTransport(options)],
  ["signedTransport", (options) => signedTransport(options)],
])("%s refuses an unknown option by name", async (name, call) => {
  const refused = expect(async () => call({ lr: 1 } as never)).rejects;
  await refused.toThrow(ArgumentError);
  await refused.toThrow(`${name} has no option "lr"; its options are `);
});

test("faultyPeer has no momentum, which only honest nodes keep", async () => {
  await expect(faultyPeer({ momentum: 0.9 } as never).next()).rejects.toThrow(
    'faultyPeer has no option "momentum"',
  );
});
