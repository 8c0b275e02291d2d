import { describe, expect, test } from "vitest";
import { signFlip } from "../attack/sign-flip.ts";
import { type FaultyPeerOptions, faultyPeer } from "./faulty-peer.ts";
import { inProcessNetwork } from "./in-process.ts";
import { decodeModel, encodeModel } from "./message.ts";

const model = Float64Array.from([4, -2]);

/** A faulty node 3 of four; `says` lets an honest one speak, and `heard` holds the steps of what node 0 hears. */
function byzantine(options: Partial<FaultyPeerOptions>) {
  const network = inProcessNetwork({ nodes: 4 });
  const rounds = faultyPeer({
    nodes: 4,
    faulty: 1,
    transport: network.connect(3),
    attack: signFlip(),
    start: model,
    learningRate: 1,
    ...options,
  });
  const heard: (readonly [number, number])[] = [];
  network.connect(0).subscribe(({ from, bytes }) => {
    const message = decodeModel(bytes, { run: 0, sender: from, dimension: 2, precision: "f64" });
    if (from === 3 && typeof message !== "string") heard.push([message.step, message.model[0]]);
  });
  const says = (sender: number, step: number) =>
    network.connect(sender).broadcast(encodeModel({ run: 0, sender, step, round: 0, model }));
  return { rounds, says, heard };
}

describe("a faulty peer", () => {
  test("attacks when as many honest models are there as it waits for", async () => {
    const { rounds, says, heard } = byzantine({ waitFor: 2 });
    const first = rounds.next();
    await says(0, 0);
    await says(1, 0);
    expect((await first).value).toEqual({ step: 0, round: 0, known: 2 });
    await Promise.resolve();
    expect(heard).toEqual([[0, -4]]);
  });

  test("attacks in the step after, before anyone has spoken in it, where it is to be early", async () => {
    const { rounds, says, heard } = byzantine({ early: true });
    for (const step of [0, 1]) {
      const round = rounds.next();
      for (const node of [0, 1, 2]) await says(node, step);
      expect((await round).value).toEqual({ step, round: 0, known: 3 });
    }
    await Promise.resolve();
    expect(heard).toEqual([
      [1, -4],
      [2, -4],
    ]);
  });

  test("follows honest nodes that have gone on without it", async () => {
    const { rounds, says, heard } = byzantine({ waitFor: 2 });
    const first = rounds.next();
    for (const node of [0, 1]) await says(node, 17);
    expect((await first).value).toEqual({ step: 17, round: 0, known: 2 });
    const second = rounds.next();
    for (const node of [1, 2]) await says(node, 18);
    expect((await second).value).toMatchObject({ step: 18 });
    await Promise.resolve();
    expect(heard.map(([step]) => step)).toEqual([17, 18]);
  });

  test("refuses to wait for more than there are", async () => {
    await expect(byzantine({ waitFor: 4 }).rounds.next()).rejects.toThrow(
      "waitFor must be an integer from 1 to 3, got 4",
    );
  });
});
