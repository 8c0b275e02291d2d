import { array, exportOnnx, f32, importOnnx, matmul } from "@gradus/graph";
import { modelCurvature } from "gradus/curvature";
import { checkedConstant, compileTuner, modelObjective } from "gradus/models";
import { expect, test } from "vitest";
import { pageWords } from "./page-words.ts";

const file = exportOnnx(
  ({ x, w }) => ({ y: matmul(x, w) }),
  { x: f32("batch", 1) },
  { constants: { w: array(Float32Array.of(1, 2), [1, 2]) } },
);
const x = array(Float32Array.of(1, 2, 3), [3, 1]);

test("messages name what the form names", async () => {
  const messageOf = async (labels: number[], batchSize: number) => {
    try {
      using tuner = await compileTuner(file, {
        ...{ data: { inputs: { x }, labels: array(Float64Array.from(labels)) }, loss: "squared", batchSize },
      });
      return tuner.trained.join();
    } catch (error) {
      return error instanceof Error ? pageWords(error.message) : "";
    }
  };
  expect(await messageOf([1, 2, 3], 2)).toBe(
    "the labels must be numbers [rows, 2], as the output y has, got [3]",
  );
  expect(await messageOf([1, 2, 3, 4], 2)).not.toContain("data.");
});

test("a constant that an input does not take", () => {
  const words = (given: number[]) => {
    try {
      checkedConstant({ name: "end", spec: { dtype: "i64", shape: [1] } }, given);
    } catch (error) {
      return error instanceof Error ? pageWords(error.message) : "";
    }
  };
  expect(words([5])).toBeUndefined();
  expect(words([5, 6])).toBe("the constant for end must be a number or [1], got [2]");
  expect(words([0.5])).toBe("the constant for end must be a whole number, got 0.5");
});

test("a model that is too large to measure its curvature", async () => {
  const model = importOnnx(file);
  const { loss, data } = modelObjective(model, {
    ...{ data: { inputs: { x }, labels: array(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]) }, loss: "squared" },
  });
  const failed = modelCurvature({ loss, parameters: model.parameters, data, memoryLimit: 1 });
  const message = await failed.then(String, (error: Error) => pageWords(error.message));
  expect(message).toMatch(
    /^this model is too large to measure its curvature here: one row needs \d+ bytes, and at most 1 byte are used$/,
  );
});
