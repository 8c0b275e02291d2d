import { expect, test } from "vitest";
import { classScores } from "./scores.ts";

test("logits become their softmax, however large", () => {
  const [a, b] = classScores([1000, 1000 + Math.log(3)]);
  expect([a.share, b.share]).toEqual([expect.closeTo(0.25, 9), expect.closeTo(0.75, 9)]);
  expect(a).toMatchObject({ name: "0", score: 1000 });
});

test("probabilities stay as they are", () => {
  expect(classScores([0.2, 0.8], ["no", "yes"])).toEqual([
    { name: "no", score: 0.2, share: 0.2 },
    { name: "yes", score: 0.8, share: 0.8 },
  ]);
});
