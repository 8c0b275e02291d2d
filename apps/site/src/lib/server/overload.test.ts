import { expect, test } from "vitest";
import { gate } from "./overload.ts";

test("lets so many through, makes so many wait in order, refuses the rest at once", async () => {
  const entrance = gate({ running: 2, waiting: 2 });
  const leaveFirst = await entrance.enter();
  const leaveSecond = await entrance.enter();
  const order: number[] = [];
  const enter = async (number: number) => {
    const leave = await entrance.enter();
    order.push(number);
    return leave;
  };
  const third = enter(3);
  const fourth = enter(4);
  expect(await entrance.enter()).toBeUndefined();
  expect([entrance.running, entrance.waiting, entrance.refused]).toEqual([2, 2, 1]);
  leaveFirst?.();
  const leaveThird = await third;
  expect(order).toEqual([3]);
  // Leaving twice gives nobody a second place.
  leaveFirst?.();
  expect([entrance.running, entrance.waiting]).toEqual([2, 1]);
  leaveSecond?.();
  const leaveFourth = await fourth;
  expect(order).toEqual([3, 4]);
  leaveThird?.();
  leaveFourth?.();
  expect([entrance.running, entrance.waiting]).toEqual([0, 0]);
});
