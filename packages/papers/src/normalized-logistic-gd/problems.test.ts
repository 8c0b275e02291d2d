import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { denseMatrix } from "gradus/linalg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  classicalLimit,
  digitPair,
  hardSet,
  imagePair,
  imbalancedImages,
  nineAgainstRest,
  type Problem,
  rotated,
} from "./problems.ts";

const count = (problem: Problem, label: number) => problem.y.filter((y) => y === label).length;

describe("digits", () => {
  test("pairs have the published sizes, pixels in [0, 1], and +1 for the first digit", async () => {
    expect(await digitPair(3, 8)).toMatchObject({ x: { rows: 357, columns: 64 } });
    expect(await digitPair(1, 8)).toMatchObject({ x: { rows: 356, columns: 64 } });
    const fours = await digitPair(4, 9);
    expect([fours.x.rows, count(fours, 1), count(fours, -1)]).toEqual([361, 181, 180]);
    expect(Math.max(...fours.x.values)).toBe(1);
    expect(Math.min(...fours.x.values)).toBe(0);
  });

  test("the first digits stored are 0, 1, 2, ... so a pair of 0 and 1 starts with +1, -1", async () => {
    const { y } = await digitPair(0, 1);
    expect([...y.subarray(0, 2)]).toEqual([1, -1]);
  });

  test("five nines against 1617 others", async () => {
    const problem = await nineAgainstRest();
    expect([problem.x.rows, problem.x.columns, count(problem, 1), count(problem, -1)]).toEqual([
      1622, 64, 5, 1617,
    ]);
    expect([...problem.y.subarray(0, 6)]).toEqual([1, 1, 1, 1, 1, -1]);
  });
});

describe("images", () => {
  let folder = "";
  const put = (name: string, bytes: number[]) => writeFile(join(folder, name), Uint8Array.from(bytes));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-"));
    vi.stubEnv("GRADUS_DATA_DIR", folder);
    // six images of one row of two pixels
    const pixels = [0, 51, 102, 153, 204, 255, 51, 0, 255, 0, 0, 102];
    for (const set of ["mnist", "fashion-mnist"]) {
      await put(`${set}-t10k-images-idx3-ubyte.gz`, [
        0,
        0,
        8,
        3,
        0,
        0,
        0,
        6,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        2,
        ...pixels,
      ]);
      await put(`${set}-t10k-labels-idx1-ubyte.gz`, [0, 0, 8, 1, 0, 0, 0, 6, 5, 3, 4, 5, 3, 5]);
    }
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  test("a pair keeps file order; pixels are divided by 255", async () => {
    const problem = await imagePair("fashion-mnist", 3, 5);
    expect(problem.name).toBe("Fashion 3v5");
    expect([...problem.y]).toEqual([-1, 1, -1, 1, -1]);
    expect([...problem.x.values]).toEqual([0, 0.2, 0.4, 0.6, 0.2, 0, 1, 0, 0, 0.4]);
  });

  test("an imbalanced pair takes the first rows of each class, the rare one first", async () => {
    const problem = await imbalancedImages(3, 1, 5, 2);
    expect(problem.name).toBe("MNIST 3:5 (1:2)");
    expect([...problem.y]).toEqual([1, -1, -1]);
    expect([...problem.x.values]).toEqual([0.4, 0.6, 0, 0.2, 0.2, 0]);
  });
});

test("the hard set is n - 1 copies and one opponent", () => {
  expect(hardSet(3, 0.5)).toMatchObject({ x: { rows: 3, columns: 2 } });
  expect([...hardSet(3, 0.5).x.values]).toEqual([1, 0, 1, 0, -0.5, 0.5]);
  expect([...hardSet(3).y]).toEqual([1, 1, 1]);
});

test("rotating moves rows and labels together", () => {
  const problem: Problem = {
    name: "p",
    x: denseMatrix([1, 2, 3, 4, 5, 6], 3, 2),
    y: Int32Array.of(1, -1, 1),
  };
  expect([...rotated(problem, 2).x.values]).toEqual([5, 6, 1, 2, 3, 4]);
  expect([...rotated(problem, 2).y]).toEqual([1, 1, -1]);
});

test("the classical limit is 8 n over the largest eigenvalue of A^T A", () => {
  // A^T A = diag(9 + 16, 4): largest eigenvalue 25
  const x = denseMatrix([3, 0, 4, 0, 0, 2], 3, 2);
  expect(classicalLimit({ name: "p", x, y: Int32Array.of(1, 1, 1) })).toBeCloseTo(24 / 25, 10);
});
