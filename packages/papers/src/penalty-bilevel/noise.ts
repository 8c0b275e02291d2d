import type { BilevelLevel, BilevelProblem } from "gradus/optimize/bilevel";
import { type RandomStream, randomStream, randomStreamFrom } from "gradus/random";

/** The last samples of a gradient: momentum asks for each a second time. */
const KEPT = 2;

/** The finalizer of MurmurHash3: every bit of the result depends on every bit of the word. */
function mixed(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Standard normal vectors by sample: millions of them, so that a stream is made of the sample's bits directly. */
function noiseOf(root: RandomStream, length: number): (sample: number) => Float64Array {
  const { key } = root.state;
  const kept = Array.from({ length: KEPT }, () => ({ sample: -1, noise: new Float64Array(length) }));
  let next = 0;
  return (sample) => {
    for (const one of kept) if (one.sample === sample) return one.noise;
    const slot = kept[next];
    next = (next + 1) % KEPT;
    slot.sample = sample;
    // an odd word: a state of zeros is none
    const words = key.map((word, i) => mixed(mixed(sample ^ word) + Math.imul(i + 1, 0x9e3779b9)));
    words[0] |= 1;
    randomStreamFrom({ key, words: words.map((word) => word >>> 0), spareNormal: null }).fillNormal(
      slot.noise,
    );
    return slot.noise;
  };
}

type Partial = BilevelLevel["gradientX"];

function noisy(exact: Partial, root: RandomStream, length: number): Partial {
  const noise = noiseOf(root, length);
  return (x, y, out, sample) => {
    const found = exact(x, y, out, undefined);
    if (found instanceof Promise || sample === undefined) return found;
    const added = noise(sample);
    for (let i = 0; i < length; i++) found[i] += added[i];
    return found;
  };
}

/** The problem with N(0, I) added to every gradient, independent for each sample, the same for the same sample. */
export function noisyProblem(problem: BilevelProblem, seed: number): BilevelProblem {
  const root = randomStream(seed).split("noise");
  const { dimensionX, dimensionY } = problem;
  const level = (of: "upper" | "lower"): BilevelLevel => ({
    value: problem[of].value,
    gradientX: noisy(problem[of].gradientX, root.split(`${of} x`), dimensionX),
    gradientY: noisy(problem[of].gradientY, root.split(`${of} y`), dimensionY),
  });
  return { ...problem, stochastic: true, upper: level("upper"), lower: level("lower") };
}
