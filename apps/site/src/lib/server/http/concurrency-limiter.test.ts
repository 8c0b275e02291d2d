import { expect, test } from "vitest";
import { concurrencyLimiter } from "./concurrency-limiter.ts";

test("lets so many through, makes so many wait in order, refuses the rest at once", async () => {
  const admission = concurrencyLimiter({ running: 2, waiting: 2 });
  const releaseFirst = await admission.acquire();
  const releaseSecond = await admission.acquire();
  const order: number[] = [];
  const enter = async (number: number) => {
    const release = await admission.acquire();
    order.push(number);
    return release;
  };
  const third = enter(3);
  const fourth = enter(4);
  expect(await admission.acquire()).toBeUndefined();
  expect([admission.running, admission.waiting, admission.rejected]).toEqual([2, 2, 1]);
  releaseFirst?.();
  const leaveThird = await third;
  expect(order).toEqual([3]);
  // Leaving twice gives nobody a second place.
  releaseFirst?.();
  expect([admission.running, admission.waiting]).toEqual([2, 1]);
  releaseSecond?.();
  const leaveFourth = await fourth;
  expect(order).toEqual([3, 4]);
  leaveThird?.();
  leaveFourth?.();
  expect([admission.running, admission.waiting]).toEqual([0, 0]);
});
