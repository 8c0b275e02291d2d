import { describe, expect, test } from "vitest";
import { runtime as platform } from "#runtime";
import { compile } from "../compile.ts";
import { valueAndGradient } from "../differentiate.ts";
import { InputError } from "../errors.ts";
import { count, draw } from "../onnx/model-testing.ts";
import { convolution } from "../ops/convolution.ts";
import { div, relu, size, square, sum } from "../ops/index.ts";
import type { Machine, Runtime, SizedModel } from "../runtime/runtime.ts";
import { f32, type Tensor } from "../tensor.ts";
import { toOnnx, trace } from "../trace.ts";

const machine: Machine = { channels: 16, threads: 2 };
const signature = (batch: number | string) => ({
  w: f32(8, 1, 3, 3),
  v: f32(8, 8, 3, 3),
  x: f32(batch, 1, 32, 32),
});
type Given = { readonly w: Tensor; readonly v: Tensor; readonly x: Tensor };
const inputs = (rows: number) => ({
  w: draw(1, 8, 1, 3, 3),
  v: draw(2, 8, 8, 3, 3),
  x: draw(3, rows, 1, 32, 32),
});

/** Loss and gradient to the weights. */
const differentiated = (loss: (y: Tensor) => Tensor) => (given: Given) =>
  valueAndGradient(({ w, v }: Pick<Given, "w" | "v">) => loss(convolution(relu(convolution(given.x, w)), v)))(
    {
      w: given.w,
      v: given.v,
    },
  );
const energy = (y: Tensor) => sum(square(y));
const meanByName = (y: Tensor) => div(energy(y), size(["batch"], "f32"));

/** The model for expected sizes that a machine with blocks of 16 would be given. */
async function sizedModelOf(
  f: (given: Given) => unknown,
  sizes?: Readonly<Record<string, number>>,
): Promise<SizedModel | undefined> {
  let sized: SizedModel | undefined;
  const runtime: Runtime = {
    ...platform,
    load(model, options) {
      sized = options.forMachine?.sizedModel(machine);
      return platform.load(model, options);
    },
  };
  using _ = await compile(f, signature("batch"), { runtime, sizes });
  return sized;
}

describe("a batch of expected size", () => {
  test("has a model of its own where its convolutions then work on pairs of samples", async () => {
    const sized = await sizedModelOf(differentiated(energy), { batch: 8 });
    const model = toOnnx(trace(differentiated(energy), signature(8)), { block: machine.channels });
    expect(count("ReorderOutput", model)).toBe(1);
    expect(sized?.model).toStrictEqual(model);
    expect([8, 16].map((rows) => sized?.fits(Object.values(inputs(rows))))).toStrictEqual([true, false]);
  });

  test.each([
    ["of unknown size", energy, undefined],
    ["with another name", energy, { rows: 8 }],
    ["of an odd number of samples", energy, { batch: 9 }],
    ["of few samples", energy, { batch: 6 }],
    ["whose size the function calls by its name", meanByName, { batch: 8 }],
  ])("has none %s", async (_, loss, sizes) => {
    expect(await sizedModelOf(differentiated(loss), sizes)).toBe(undefined);
  });

  test("has none where no gradient to weights is made", async () => {
    const layers = ({ x, v, w }: Given) => convolution(convolution(x, w), v);
    expect(await sizedModelOf(layers, { batch: 8 })).toBe(undefined);
  });

  test("gets the numbers of a program of that size, and any other those of a program for any", async () => {
    const f = differentiated(energy);
    using expecting = await compile(f, signature("batch"), { sizes: { batch: 8 } });
    using fixed = await compile(f, signature(8));
    using any = await compile(f, signature("batch"));
    for (const rows of [8, 3, 8, 16])
      expect(await expecting.run(inputs(rows))).toStrictEqual(
        await (rows === 8 ? fixed : any).run(inputs(rows)),
      );
    expect(expecting.model).toStrictEqual(any.model);
  });

  test("is refused as by a program for any size where an input does not fit", async () => {
    using program = await compile(differentiated(energy), signature("batch"), { sizes: { batch: 8 } });
    await expect(program.run({ ...inputs(8), x: draw(3, 8, 1, 32, 31) })).rejects.toThrow(InputError);
  });
});
