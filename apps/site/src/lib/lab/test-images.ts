import type { TestImages } from "@gradus/papers";

/** Where this site serves the test sets of MNIST and Fashion-MNIST, under the names that `loadMnist` reads. */
export const DATA_PATH = "/data/";

/** Bytes of each set: its images and labels, compressed. */
export const testImageBytes: Readonly<Record<TestImages, number>> = {
  mnist: 1_648_877 + 4_542,
  "fashion-mnist": 4_422_079 + 5_125,
};
