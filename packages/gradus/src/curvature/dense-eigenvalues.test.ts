import { expect, test, vi } from "vitest";
import { ConvergenceError, DataError } from "../errors.ts";
import { symmetricEigenvalues } from "../linalg/factorize/symmetric-eigenvalues.ts";
import { denseEigenvalues } from "./dense-eigenvalues.ts";

vi.mock(import("../linalg/factorize/symmetric-eigenvalues.ts"), { spy: true });

// The second difference matrix, with eigenvalues 2 - 2 cos(k pi / 5).
const S = Float64Array.of(2, -1, 0, 0, -1, 2, -1, 0, 0, -1, 2, -1, 0, 0, -1, 2);
const expected = [1, 2, 3, 4].map((k) => 2 - 2 * Math.cos((k * Math.PI) / 5));

test.each([false, true])(
  "eigenvalues are ascending, where the fast solver gives up (%s) as well",
  (givesUp) => {
    if (givesUp)
      vi.mocked(symmetricEigenvalues).mockImplementationOnce(() => {
        throw new ConvergenceError("too many sweeps");
      });
    const values = denseEigenvalues(S, 4);
    for (const [k, value] of expected.entries()) expect(values[k]).toBeCloseTo(value, 13);
  },
);

test("what is no symmetric matrix is refused", () => {
  expect(() => denseEigenvalues(Float64Array.of(1, 2, 3, 4), 2)).toThrow(DataError);
});
