import { statSync } from "node:fs";
import { loadMnist, setDataDirectory } from "gradus/data";
import { afterEach, expect, test } from "vitest";
import { testImageBytes } from "./test-images.ts";

const folder = new URL("../../../static/data/", import.meta.url);

afterEach(() => setDataDirectory(undefined));

test.each(["mnist", "fashion-mnist"] as const)(
  "the test set of %s is served whole, of the size that is told",
  async (set) => {
    const bytes = ["images-idx3", "labels-idx1"].map(
      (part) => statSync(new URL(`${set}-t10k-${part}-ubyte.gz`, folder)).size,
    );
    expect(bytes[0] + bytes[1]).toBe(testImageBytes[set]);
    setDataDirectory(folder);
    const { n, height, width, labels } = await loadMnist({ set, split: "test" });
    expect([n, height, width]).toEqual([10_000, 28, 28]);
    // Fashion-MNIST has a thousand of each class; MNIST's counts are those of its authors' page.
    const counts = Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);
    expect(counts).toEqual(
      set === "mnist" ? [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009] : new Array(10).fill(1000),
    );
  },
);
