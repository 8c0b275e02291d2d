import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { importOnnx } from "@gradus/graph";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../fixture/run-command.ts";

const fixtures = fileURLToPath(new URL("../../../../packages/graph/fixtures/pytorch/", import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradus-model-"));
});
afterAll(() => rm(folder, { recursive: true }));

const gradus = (line: string, columns = 100) => runCommand(line, { home: join(folder, ".gradus"), columns });

/** The bytes of a length-delimited field of a protobuf message. */
const field = (number: number, content: Uint8Array | string) => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return Uint8Array.of(8 * number + 2, bytes.length, ...bytes);
};
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A model y = Add(x, w) whose two weights are in another file; its messages are short enough for one-byte lengths. */
function outside(location: string): Uint8Array {
  const pair = (key: string, value: string) => field(13, joined(field(1, key), field(2, value)));
  const tensor = joined(
    Uint8Array.of(8, 2, 16, 1),
    field(8, "w"),
    pair("location", location),
    Uint8Array.of(8 * 14, 1),
  );
  const value = (name: string) => {
    const shape = field(2, field(1, Uint8Array.of(8, 2)));
    return joined(field(1, name), field(2, field(1, joined(Uint8Array.of(8, 1), shape))));
  };
  const node = joined(field(1, "x"), field(1, "w"), field(2, "y"), field(4, "Add"));
  const graph = joined(field(1, node), field(5, tensor), field(11, value("x")), field(12, value("y")));
  return joined(Uint8Array.of(8, 10), field(7, graph), field(8, Uint8Array.of(16, 21)));
}

/** W = [[1, -2], [0.5, 3], [2, 0]] and b = [0.25, -1] in a file of their own, written by Python's onnx. */
const linear = fileURLToPath(
  new URL("../../../site/src/lib/workbench/session/fixtures/linear.onnx", import.meta.url),
);

describe("a model whose tensors are in a file beside it", () => {
  const server = createServer(async ({ url = "" }, response) => {
    const bytes = await readFile(join(dirname(linear), url)).catch(() => undefined);
    if (!bytes) response.statusCode = 404;
    response.end(bytes);
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  afterAll(() => server.close());
  const address = (name: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;

  it.each(["its path", "its address"])("is inspected, explained and tuned by %s", async (by) => {
    const model = by === "its path" ? linear : address("linear.onnx");
    expect((await gradus(`model inspect ${model}`)).out).toMatch(/weights\s+float32\[3, 2\]\s+6/);

    const rows = join(folder, "rows.csv");
    await writeFile(rows, "a,b,c,y\n1,2,3,0\n0,1,0,1\n1,0,1,0\n0,2,0,1\n");
    const explained = JSON.parse((await gradus(`explain ${model} --data ${rows} --target y --json`)).out);
    const [row] = explained.rows;
    expect(row.score).toBe(8.25);
    const shares: number[] = row.attributions[explained.explainers.indexOf("integratedGradients")];
    for (const [j, share] of [1, 1, 6].entries()) expect(shares[j]).toBeCloseTo(share, 5);

    const out = join(folder, `${by.length}.onnx`);
    const how = `--data ${rows} --target y --loss cross-entropy --optimizer sgd --epochs 1 --out ${out}`;
    expect(await gradus(`model tune ${model} ${how} --freeze weights`)).toMatchObject({ status: 0 });
    const weights = importOnnx(await readFile(out)).parameters.weights.data;
    expect(weights).toEqual(Float32Array.of(1, -2, 0.5, 3, 2, 0));
  });

  it("is told to be missing at an address", async () => {
    const rows = join(folder, "rows.csv");
    await writeFile(rows, "1,2,3\n");
    for (const line of ["model inspect FILE", "spectrum FILE --data ROWS", "explain FILE --data ROWS"]) {
      const { status, err } = await gradus(line.replace("FILE", address("none.onnx")).replace("ROWS", rows));
      expect(status).toBe(2);
      expect(err.replace(/\s+/g, " ")).toContain(
        "none.onnx cannot be read: the server answered 404 Not Found",
      );
    }
  });
});

describe("model inspect", () => {
  it("says which moments batches update", async () => {
    const { out } = await gradus(`model inspect ${join(fixtures, "moments.onnx")}`);
    expect(out).toMatch(/norm\.running_mean\s+float32\[5\]\s+5\s+updated by batches/);
  });

  it("shows what a file holds that PyTorch exported", async () => {
    const { status, out } = await gradus(`model inspect ${join(fixtures, "residual.onnx")}`);
    expect(status).toBe(0);
    expect(out).toContain("operator set 17, made by pytorch");
    expect(out).toMatch(/x\s+float32\[2, 3, 8, 8\]/);
    expect(out).toMatch(/stem\.weight\s+float32\[6, 3, 3, 3\]\s+162/);
    expect(out).toMatch(/norm\.running_mean\s+float32\[6\]\s+6\s+not trained/);
    expect(out).toContain("Conv 3");
    expect(out).toMatch(
      /A run takes [\d,]+ multiplications and additions in matrix products and convolutions\./,
    );
    expect(out).toContain("The model can be differentiated, trained and exported again.");
    const narrow = await gradus(`model inspect ${join(fixtures, "residual.onnx")}`, 40);
    for (const line of narrow.out.split("\n")) expect(line.length).toBeLessThanOrEqual(40);
  });

  it("prints all of it as JSON", async () => {
    const { out } = await gradus(`model inspect ${join(fixtures, "perceptron.onnx")} --json`);
    const shown = JSON.parse(out);
    expect(shown).toMatchObject({ opset: 17, producer: "pytorch", outputs: ["y"], obstacle: null });
    expect(shown.inputs).toEqual([{ name: "x", dtype: "f32", shape: [5, 6] }]);
    expect(shown.parameters[0]).toEqual({
      ...{ name: "layers.0.weight", dtype: "f32", shape: [8, 6], numbers: 48, frozen: false, updated: false },
    });
  });

  it("reads tensors of the model's folder, and of no other", async () => {
    await writeFile(join(folder, "weights.bin"), new Uint8Array(Float32Array.of(1, 2).buffer));
    await writeFile(join(folder, "near.onnx"), outside("weights.bin"));
    expect((await gradus(`model inspect ${join(folder, "near.onnx")}`)).out).toMatch(/w\s+float32\[2\]\s+2/);
    await writeFile(join(folder, "weights.bin"), new Uint8Array(Float32Array.of(1, 2, 3).buffer));
    expect((await gradus(`model inspect ${join(folder, "near.onnx")}`)).err).toContain("needs 2 elements");
    for (const [name, location] of Object.entries({ up: "../secret.bin", root: "/etc/passwd", self: "." })) {
      await writeFile(join(folder, `${name}.onnx`), outside(location));
      const { status, err } = await gradus(`model inspect ${join(folder, `${name}.onnx`)}`);
      expect(status).toBe(2);
      expect(err.replaceAll("\n", " ")).toContain(`"${location}", which is not in its folder`);
    }
  });

  it("says why a file cannot be imported", async () => {
    const bytes = await readFile(join(fixtures, "perceptron.onnx"));
    const renamed = Buffer.from(bytes.toString("latin1").replaceAll("Tanh", "Twin"), "latin1");
    await writeFile(join(folder, "twin.onnx"), renamed);
    const { status, err } = await gradus(`model inspect ${join(folder, "twin.onnx")}`);
    expect(status).toBe(3);
    expect(err.replaceAll("\n", " ")).toContain("operators that are not supported: Twin (");
    await writeFile(join(folder, "none.onnx"), "no model");
    expect((await gradus(`model inspect ${join(folder, "none.onnx")}`)).err).toContain("not an ONNX model");
    expect((await gradus(`model inspect ${join(folder, "missing.onnx")}`)).status).toBe(2);
  });
});
