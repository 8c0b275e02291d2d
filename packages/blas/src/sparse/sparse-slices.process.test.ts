import { expect, test } from "vitest";
import { OutOfMemoryError } from "../errors.ts";
import { sharedHeap, withFrame } from "../memory.ts";
import { vector } from "../testing.ts";
import { sparseRows } from "./sparse-rows.ts";
import { productsByLoops, randomRows } from "./test-support.ts";

// in a process of its own, since memory that has grown to 4 GB stays so
test("where memory has no room for slices, products go on by rows", () => {
  const matrix = randomRows(20_003, 5_001, 9, 8);
  const [x, v] = [vector(5_001, 1), vector(20_003, 2)];
  const { forward, back } = productsByLoops(matrix, x, v);
  const A = sparseRows(matrix);
  const [overRows, overColumns] = [new Float64Array(20_003), new Float64Array(5_001)];
  const products = (count: number) => {
    for (let call = 0; call < count; call++) {
      A.product(x, overRows.fill(7));
      expect(overRows).toEqual(forward);
      A.adjoint(v, overColumns.fill(7));
      expect(overColumns).toEqual(back);
    }
  };
  products(1);
  withFrame("everything", (frame) => {
    // room for the vectors of a product, not for slices
    const room = sharedHeap().allocate(2 ** 19, "vectors");
    for (let size = 2 ** 31; size > 1000; )
      try {
        frame.bytes(size);
      } catch (error) {
        expect(error).toBeInstanceOf(OutOfMemoryError);
        size /= 2;
      }
    sharedHeap().free(room);
    products(64);
  });
  products(80);
  A.release();
});
