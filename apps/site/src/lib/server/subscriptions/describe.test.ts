import { expect, test } from "vitest";
import { usualChoices } from "./choices.ts";
import { describeChoices } from "./describe.ts";

const labels = new Map([
  ["convex", "Convex"],
  ["explanation", "Explanation"],
]);

test.each([
  [{}, "All new papers, at most 20, every day at 07:00 (UTC)"],
  [
    { topics: ["convex"], minVotes: 1, hour: 23, cadence: "weekly", weekday: 7, tz: "Asia/Kathmandu" },
    "New papers on the topic Convex with at least 1 vote, at most 20, every Sunday at 23:00 (Asia/Kathmandu)",
  ],
  [
    {
      topics: ["convex", "explanation"],
      keywords: ["hessian", '"mirror descent"', "Nutini"],
      minVotes: 3,
      maxItems: 5,
    },
    'New papers on the topics Convex and Explanation or the keywords “hessian”, "mirror descent" and “Nutini” with at ' +
      "least 3 votes, at most 5, every day at 07:00 (UTC)",
  ],
] as const)("%j reads as a sentence", (choices, sentence) => {
  expect(describeChoices({ ...usualChoices, ...choices }, labels)).toBe(sentence);
});
