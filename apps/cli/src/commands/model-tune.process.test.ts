import { access, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { array, cast, exportOnnx, f32, i64, importOnnx, matmul, mul, reshape } from "@gradus/graph";
import { zipSync } from "fflate";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Interrupted } from "../errors.ts";
import { npy } from "../fixture/npy.ts";
import { pngBytes } from "../fixture/png.ts";
import { memoryHost, runCommand } from "../fixture/run-command.ts";
import { main } from "../main.ts";
import type { TuneSummary } from "../model/tune-view.ts";

const fixtures = fileURLToPath(new URL("../../../../packages/graph/fixtures/pytorch/", import.meta.url));
const model = join(fixtures, "classifier.onnx");
const names = ["cat", "dog", "eel"];

let home: string;
let features: Float32Array;
let labels: number[];

const write = (name: string, content: string | Uint8Array) => writeFile(join(home, name), content);

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "gradus-tune-"));
  const record = JSON.parse(await readFile(join(fixtures, "classifier.json"), "utf8"));
  features = Float32Array.from(
    new Float64Array(Uint8Array.from(Buffer.from(record.x.data, "base64")).buffer),
  );
  labels = record.labels;
  const table = (name: (label: number) => string | number) =>
    `a,b,label,c,d\n${labels
      .map((label, i) => {
        const [a, b, c, d] = features.subarray(4 * i, 4 * i + 4);
        return `${[a, b, name(label), c, d].join(",")}\n`;
      })
      .join("")}`;
  await write(
    "named.csv",
    table((label) => names[label]),
  );
  await write(
    "train.csv",
    table((label) => label),
  );
  const x = npy([120, 4], features);
  const y = npy([120], BigInt64Array.from(labels, BigInt));
  await write("x.npy", x);
  await write("y.npy", y);
  await write("short.npy", npy([3], BigInt64Array.of(0n, 1n, 2n)));
  await write("beyond.csv", "a,b,c,d,label\n1,2,3,4,0\n1,2,3,4,7\n");
  await write("from-one.csv", "a,b,c,d,label\n1,2,3,4,1\n1,2,3,4,2\n1,2,3,4,3\n");
  await write("words.csv", "a,b,c,d,label\n1,2,3,4,cat\n1,2,3,4,dog\n1,2,3,4,eel\n1,2,3,4,fox\n");
  await write("empty.onnx", "");
  await mkdir(join(home, "folder"));
  await write("one.csv", "a,b,c,d,label\n1,2,3,4,0\n");
  await write("all.bin", "hello");
  await write("all.npz", zipSync({ "features.npy": x, "label.npy": y }));
});
afterAll(() => rm(home, { recursive: true }));

const options = () => ({ home: join(home, ".gradus"), columns: 100 });
const words = (line: string) => line.replaceAll("@", `${home}/`);
const tune = (line: string) => runCommand(`model tune ${words(line)}`, options());
async function summaryOf(line: string): Promise<TuneSummary> {
  const { status, out, err } = await tune(`${line} --json`);
  expect(status, err).toBe(0);
  return JSON.parse(out);
}
const tuned = (name: string) => readFile(join(home, name));
const base = () => `${model} --loss cross-entropy --epochs 2`;

describe("model tune", () => {
  it("writes a file that plain ONNX Runtime runs, with the loss that was measured", async () => {
    const line = `${base()} --data @train.csv --target label --validation @train.csv --freeze encoder.* --out @a.onnx`;
    const { best, trained, epochs, rows } = await summaryOf(line);
    expect(trained).toEqual(["head.weight", "head.bias"]);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
    expect(rows).toEqual({ train: 120, validation: 120 });
    const session = await InferenceSession.create(await tuned("a.onnx"));
    expect([session.inputNames, session.outputNames]).toEqual([["features"], ["logits"]]);
    const { logits } = await session.run({ features: new Tensor("float32", features, [120, 4]) });
    const z = Array.from(logits.data, Number);
    const loss = labels.reduce((sum, label, i) => {
      const row = z.slice(3 * i, 3 * i + 3);
      return sum + Math.log(row.reduce((all, value) => all + Math.exp(value), 0)) - row[label];
    }, 0);
    expect(loss / 120).toBeCloseTo(best.validationLoss ?? Number.NaN, 5);
    const [before, after] = [importOnnx(await readFile(model)), importOnnx(await tuned("a.onnx"))];
    expect(after.opset).toBe(before.opset);
    expect(after.parameters["encoder.0.weight"]).toEqual(before.parameters["encoder.0.weight"]);
  });

  it("reads the same examples from every format", async () => {
    await summaryOf(`${base()} --data @train.csv --target label --out @csv.onnx`);
    const wanted = await tuned("csv.onnx");
    for (const [name, data] of Object.entries({
      npy: "--data @x.npy --target @y.npy",
      named: "--data features=@x.npy --target @y.npy",
      npz: "--data @all.npz --target label",
      words: "--data @named.csv --target label",
    })) {
      const { classes } = await summaryOf(`${base()} ${data} --out @${name}.onnx`);
      expect(await tuned(`${name}.onnx`), name).toEqual(wanted);
      expect(classes).toEqual(name === "words" ? names : null);
    }
  });

  it("trains adapters and a new head, subtracts means, and says what it did", async () => {
    const { status, out, err } = await tune(
      `${base()} --data @named.csv --target label --lora 2 --head 4 --mean 1,0,0,0.5 --std 2 --out @b.onnx`,
    );
    expect(status).toBe(0);
    expect(out).toContain("cross-entropy, 4 parameter tensors trained on 96 rows, 24 held out, seed 1");
    expect(out).toContain("Classes: 0 cat, 1 dog, 2 eel");
    expect(out).toMatch(/epoch +loss +validation loss +accuracy\n +0 +– +[\d.]+ +[\d.]+%\n/);
    expect(out).toMatch(/b\.onnx has the parameters of epoch \d/);
    expect(err).toContain("epoch 2: loss");
    expect(importOnnx(await tuned("b.onnx")).parameters["head.weight"].shape).toEqual([4, 8]);
  });

  it("tunes a recurrent model that takes sequences first on rows of sequences", async () => {
    const record = JSON.parse(await readFile(join(fixtures, "steps.json"), "utf8"));
    const x = new Float64Array(Uint8Array.from(Buffer.from(record.x.data, "base64")).buffer);
    await write("sequences.npy", npy(record.x.shape, Float32Array.from(x)));
    await write("sequence-labels.npy", npy([40], BigInt64Array.from(record.labels, BigInt)));
    const line = `${join(fixtures, "steps.onnx")} --loss cross-entropy --data @sequences.npy --target @sequence-labels.npy`;
    const { trained, rows, epochs } = await summaryOf(
      `${line} --lora 2 --validation 0 --batch 40 --epochs 3 --out @steps.onnx`,
    );
    expect(trained).toEqual(["head.weight", "onnx::LSTM_107", "onnx::LSTM_108"]);
    expect(rows).toEqual({ train: 40, validation: 0 });
    expect(epochs[1].loss).toBeCloseTo(record.losses[0], 5);
  });

  it("says that the file of a model exported in training mode is in training mode, too", async () => {
    const record = JSON.parse(await readFile(join(fixtures, "moments.json"), "utf8"));
    const x = new Float64Array(Uint8Array.from(Buffer.from(record.x.data, "base64")).buffer);
    await write("images.npy", npy(record.x.shape, Float32Array.from(x)));
    await write("image-labels.npy", npy([9], BigInt64Array.from(record.labels, BigInt)));
    const line = `${join(fixtures, "moments.onnx")} --loss cross-entropy --data @images.npy --target @image-labels.npy`;
    const { out } = await tune(`${line} --epochs 1 --validation 0 --out @m.onnx`);
    expect(out.replaceAll(/\s+/g, " ")).toMatch(/m\.onnx is in training mode, as \S+moments\.onnx is: /);
    expect((await summaryOf(`${line} --epochs 1 --validation 0 --out @m.onnx`)).trainingMode).toBe(true);
    const plain = await tune(`${base()} --data @train.csv --target label --out @p.onnx`);
    expect(plain.out).not.toContain("training mode");
  });

  it("gives inputs that are the same for all rows one number", async () => {
    const scaled = exportOnnx(
      ({ x, w, rate }) => ({ y: mul(matmul(x, w), cast(rate, "f32")) }),
      { x: f32("batch", 4), rate: i64() },
      { constants: { w: array(Float32Array.of(1, 0, 0, 0), [4, 1]) } },
    );
    await write("scaled.onnx", scaled);
    await write("scaled.csv", "a,b,c,d,y\n1,2,3,4,3\n2,0,1,1,6\n");
    const line = "@scaled.onnx --data @scaled.csv --target y --loss squared --validation 0 --epochs 1";
    const { epochs } = await summaryOf(`${line} --constant rate=3 --out @s.onnx`);
    expect(epochs[1].loss).toBe(0);
    expect((await tune(`${line} --out @s.onnx`)).err).toContain(
      "the input rate i64[] is one number for all rows: give it by --constant rate",
    );
    expect((await tune(`${line} --constant rate=0.5 --out @s.onnx`)).err).toContain(
      "--constant rate must be a whole number, got 0.5",
    );
  });

  /** Interrupts a tuning when its progress says so; resolves to what it said. */
  async function interrupted(line: string, when: RegExp): Promise<string> {
    const controller = new AbortController();
    const host = memoryHost({ ...options(), signal: controller.signal });
    const { err } = host;
    const told = err.write.bind(err);
    err.write = (text: string) => {
      told(text);
      if (when.test(text)) controller.abort(new Interrupted("SIGINT"));
    };
    expect(await main(["model", "tune", ...words(line).split(" ")], host)).toBe(130);
    return err.text;
  }

  it("does not compile anything when it was interrupted before", async () => {
    const line = `${model} --loss cross-entropy --data @train.csv --target label --freeze * --out @none.onnx`;
    expect((await tune(line)).err).toContain("freeze");
    const signal = AbortSignal.abort(new Interrupted("SIGINT"));
    expect(
      await main(["model", "tune", ...words(line).split(" ")], memoryHost({ ...options(), signal })),
    ).toBe(130);
  });

  it("goes on from a checkpoint to the same file, bit for bit", async () => {
    const line = `${model} --loss cross-entropy --data @train.csv --target label --lora 2 --epochs 6`;
    await summaryOf(`${line} --out @straight.onnx`);
    const err = await interrupted(`${line} --out @stopped.onnx`, /epoch 3:/);
    const checkpoint = join(home, "stopped.onnx.checkpoint");
    expect(err).toContain("Interrupted after epoch 3 of 6; no model was written.");
    expect(err).toContain(`gradus model tune --resume ${checkpoint}`);
    await expect(access(join(home, "stopped.onnx"))).rejects.toThrow();
    const other = await tune(`@image.onnx --resume ${checkpoint}`);
    expect(other.err.replaceAll(/\s+/g, " ")).toContain(`is a checkpoint of ${model}, not of`);
    const { epochs } = await summaryOf(`${model} --resume ${checkpoint}`);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await tuned("stopped.onnx")).toEqual(await tuned("straight.onnx"));
    await expect(access(checkpoint)).rejects.toThrow();
  });

  it("stops within an epoch, and goes on from the batch to the same file, bit for bit", async () => {
    const line = `${model} --loss cross-entropy --data @train.csv --target label --batch 1 --epochs 2`;
    await summaryOf(`${line} --out @whole.onnx`);
    const err = await interrupted(`${line} --out @part.onnx`, /epoch 1, batch \d+ of 96: loss [\d.]+/);
    expect(err).toMatch(/Interrupted in epoch 1 of 2, after \d+ of its 96 batches; no model was written\./);
    const checkpoint = join(home, "part.onnx.checkpoint");
    const { epochs } = await summaryOf(`--resume ${checkpoint}`);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
    expect(await tuned("part.onnx")).toEqual(await tuned("whole.onnx"));
    await expect(access(checkpoint)).rejects.toThrow();
  });

  it("reads folders of images", async () => {
    const file = exportOnnx(
      ({ image, weights }) => ({ logits: matmul(reshape(image, ["rows", 12]), weights) }),
      { image: f32("rows", 3, 2, 2) },
      { constants: { weights: array(new Float32Array(24), [12, 2]) } },
    );
    await write("image.onnx", file);
    for (const [name, level] of Object.entries({ dark: 10, light: 200 })) {
      await mkdir(join(home, "photos", name), { recursive: true });
      for (let i = 0; i < 4; i++)
        await write(
          `photos/${name}/${i}.png`,
          pngBytes(2 + i, 3, (x, y) => [level, level + x, level + y]),
        );
    }
    const line = "@image.onnx --loss cross-entropy --data @photos --epochs 30 --learning-rate 0.1 --mean 0.4";
    const { classes, rows, epochs } = await summaryOf(`${line} --validation @photos --out @image-tuned.onnx`);
    expect(classes).toEqual(["dark", "light"]);
    await rm(join(home, "photos", "light"), { recursive: true });
    expect((await tune(`${line} --out @image-tuned.onnx`)).err.replaceAll(/\s+/g, " ")).toContain(
      "must have folders of images for two classes or more; it has one, dark",
    );
    expect(rows).toEqual({ train: 8, validation: 8 });
    expect(epochs.at(-1)?.accuracy).toBe(1);
  });

  it("says where the model is no better than one prediction for all rows, and which column to scale", async () => {
    const file = exportOnnx(
      ({ x, weights }) => ({ y: matmul(x, weights) }),
      { x: f32("rows", 2) },
      { constants: { weights: array(new Float32Array(2), [2, 1]) } },
    );
    await write("line.onnx", file);
    const csv = (input: number, target: number) =>
      `a,b,y\n${Array.from({ length: 60 }, (_, i) => [Math.sin(i) * input, Math.cos(i), Math.sin(i) * target].join()).join("\n")}\n`;
    const line =
      "@line.onnx --loss squared --target y --epochs 30 --learning-rate 0.05 --out @line-tuned.onnx";
    for (const [input, target, message] of [
      [1, 1, ""],
      [1e-6, 1, "which --mean and --std bring to about 1: column 1 of x "],
      [1, 1e6, "divide the target by it."],
    ] as const) {
      await write("units.csv", csv(input, target));
      const { status, err } = await tune(`${line} --data @units.csv`);
      expect(status).toBe(0);
      const said = err.replaceAll(/\s+/g, " ");
      if (message === "") expect(said).not.toContain("no better than");
      else expect(said).toContain("The model is no better than the same prediction for every row: a loss of");
      expect(said).toContain(message);
    }
    await write("units.csv", csv(1e-6, 1));
    const { err } = await tune(`${line} --std 1e-6,1 --data @units.csv`);
    expect(err).not.toContain("no better than");
  });

  it("leaves nothing behind when training diverges", async () => {
    const { status, err } = await tune(
      `${base()} --data @train.csv --target label --learning-rate 1e30 --out @diverged.onnx`,
    );
    expect(status).toBe(3);
    expect(err.replaceAll("\n", " ")).toContain("Is the learning rate too large?");
    for (const name of ["diverged.onnx", "diverged.onnx.checkpoint"])
      await expect(access(join(home, name))).rejects.toThrow();
  });

  it.each([
    ["", "model tune needs a model"],
    ["MODEL", "--out is missing"],
    ["MODEL --out @o.onnx", "--loss is missing"],
    ["MODEL --out @o.onnx --loss squared", "--data is missing"],
    ["MODEL --out MODEL --loss squared --data @x.npy", "--out must be another file than the model"],
    ["MODEL --out @o.onnx --loss hinge", "It must be cross-entropy, binary-cross-entropy or squared"],
    ["MODEL --out @o.onnx --loss cross-entropy --data @train.csv", "--target is missing: name the column"],
    [
      "MODEL --out @o.onnx --loss cross-entropy --data @train.csv --target labl",
      '--target: train.csv has no column "labl"; it has a, b, label, c, d',
    ],
    [
      "MODEL --out @o.onnx --loss squared --data @train.csv --target labl",
      'train.csv has no column "labl"; it has a, b, label, c, d',
    ],
    ["MODEL --out @o.onnx --loss squared --data @x.npy --target @z.npy", "--target:"],
    ["MODEL --out @o.onnx --loss squared --data @nowhere", "nowhere cannot be read: no such file or folder"],
    [
      "MODEL --out @o.onnx --loss squared --data @all.npz --target y",
      'has no array "y"; it has features, label',
    ],
    [
      "MODEL --out @o.onnx --loss cross-entropy --data @train.csv --target label --freeze decoder.*",
      '"decoder.*" matches no parameter; the model has encoder.0.weight',
    ],
    [
      "MODEL --out @o.onnx --loss cross-entropy --data @train.csv --target label --head 2",
      "--target must be class numbers from 0 to 1, got 2",
    ],
    [
      "MODEL --out @o.onnx --loss cross-entropy --data @train.csv --target label --validation 1.5",
      "--validation must be a share of the rows in [0, 1) or a file, got 1.5",
    ],
    [
      "MODEL --out @o.onnx --loss cross-entropy --data @train.csv --target label --std 0",
      '--std must be numbers > 0 separated by commas, got "0"',
    ],
    [
      "MODEL --out @o.onnx --loss cross-entropy --data @train.csv --target label --mean 1,2,3",
      "does not have as many channels",
    ],
    [
      "MODEL --out @o.onnx --loss cross-entropy --data @beyond.csv --target label",
      "(3 classes); --head 8 gives the model 8 outputs",
    ],
    [
      "MODEL --out @o.onnx --loss cross-entropy --data @from-one.csv --target label",
      "--target must be class numbers from 0, got 1 to 3: subtract 1 from each, for the 3 outputs of the model",
    ],
    [
      "MODEL --out @o.onnx --loss cross-entropy --data @words.csv --target label",
      "--target has 4 classes (cat, dog, eel, fox), the model has 3 outputs; --head 4 gives the model 4 outputs",
    ],
    [
      "MODEL --out @o.onnx --loss cross-entropy --data @train.csv --target label --freeze decoder.*",
      '--freeze: "decoder.*" matches no parameter',
    ],
    [
      "MODEL --out @o.onnx --loss cross-entropy --data @train.csv --target label --validation @none.csv",
      "--validation: @none.csv cannot be read: no such file",
    ],
    ["@none.onnx --out @o.onnx --loss squared --data @x.npy", "@none.onnx cannot be read: no such file"],
    ["@folder --out @o.onnx --loss squared --data @x.npy", "@folder cannot be read: it is a folder"],
    ["@empty.onnx --out @o.onnx --loss squared --data @x.npy", "not an ONNX model: the file is empty"],
    [
      "MODEL --out @o.onnx --loss cross-entropy --data @one.csv --target label",
      "--validation: 0.2 of 1 row leaves no row to hold out",
    ],
    [
      "MODEL --out @o.onnx --loss cross-entropy --data @x.npy --target @short.npy",
      "--target has 3 rows, --data features has 120; rows must be equal",
    ],
    [
      "MODEL --out @o.onnx --loss squared --data @all.bin --target @y.npy",
      "all.bin must be a file in .csv, .tsv, .txt, .npy",
    ],
    ["@train.csv --out @o.onnx --loss squared --data @x.npy --target @y.npy", "not an ONNX model"],
    ["--resume @train.csv", "is not a checkpoint of gradus model tune"],
    ["--resume @train.csv --lora 3", "leave out --lora"],
  ])("%s", async (line, message) => {
    const { status, err } = await tune(line.replaceAll("MODEL", model));
    expect(err.replaceAll(/\s+/g, " ").replaceAll(`${home}/`, "@")).toContain(message);
    expect([2, 3]).toContain(status);
    await expect(access(join(home, "o.onnx"))).rejects.toThrow();
  });
});
