import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { add, constant, exportOnnx, f32, gather, i64, mul, sum } from "@gradus/graph";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenEncoder, openEncoder } from "./open.ts";
import { readTokenizer } from "./wordpiece.ts";

const vocabulary = [
  "[PAD]",
  "[UNK]",
  "[CLS]",
  "[SEP]",
  "hess",
  "##ian",
  "##s",
  "newton",
  "step",
  "!",
  "uber",
];
const tokenizer = {
  version: "1.0",
  truncation: { max_length: 8 },
  normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, lowercase: true },
  pre_tokenizer: { type: "BertPreTokenizer" },
  model: { type: "WordPiece", vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])) },
};

describe("WordPiece", () => {
  const pieces = (text: string) => readTokenizer(tokenizer)(text).map((id) => vocabulary[id]);

  test("takes the longest pieces, lowers, and strips accents", () => {
    expect(pieces("Hessians")).toEqual(["[CLS]", "hess", "##ian", "##s", "[SEP]"]);
    expect(pieces("Über\u200B newton!")).toEqual(["[CLS]", "uber", "newton", "!", "[SEP]"]);
  });

  test("a word with an unknown rest is unknown as a whole; an empty text has its marks alone", () => {
    expect(pieces("newtons hessx step")).toEqual(["[CLS]", "newton", "##s", "[UNK]", "step", "[SEP]"]);
    expect(pieces(" \n ")).toEqual(["[CLS]", "[SEP]"]);
  });

  test("a long text is cut to the length of the file", () => {
    expect(pieces("step ".repeat(50))).toEqual(["[CLS]", ...Array(6).fill("step"), "[SEP]"]);
  });

  test("another kind of tokenizer is refused by name", () => {
    expect(() => readTokenizer({ ...tokenizer, model: { type: "BPE", vocab: {}, merges: [] } })).toThrow(
      /WordPiece/,
    );
    expect(() =>
      readTokenizer({ ...tokenizer, model: { type: "WordPiece", vocab: { "[UNK]": 0 } } }),
    ).toThrow("[CLS]");
  });
});

/** The vector of a piece: its number and its square. */
const table = Float32Array.from(vocabulary.flatMap((_, id) => [id, id * id]));

/** A model whose vector of a piece depends on it alone. */
function writeModel(folder: string): void {
  const model = exportOnnx(
    ({ input_ids, attention_mask }) => ({
      // The mask is read, and changes nothing.
      last_hidden_state: add(
        gather(constant(table, [vocabulary.length, 2]), input_ids),
        mul(0, sum(gather(constant(new Float32Array(2)), attention_mask))),
      ),
    }),
    { input_ids: i64("batch", "pieces"), attention_mask: i64("batch", "pieces") },
  );
  writeFileSync(join(folder, "model.onnx"), model);
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
}

describe("an encoder in a folder", () => {
  let folder: string;
  let encoder: OpenEncoder;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "gradus-encoder-"));
    writeModel(folder);
    encoder = await openEncoder(folder);
  });
  afterAll(async () => {
    await encoder?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The mean of the pieces' vectors, of length 1. */
  const expected = (ids: readonly number[]) => {
    const mean = [0, 1].map((k) => ids.reduce((total, id) => total + id ** (k + 1), 0) / ids.length);
    return mean.map((value) => value / Math.hypot(...mean));
  };
  const near = (vector: ArrayLike<number> | undefined, ids: readonly number[]) =>
    expect(Array.from(vector ?? [])).toEqual(expected(ids).map((value) => expect.closeTo(value, 5)));

  test("a query is at the mean of its pieces", async () => {
    expect(encoder).toMatchObject({
      dimension: 2,
      name: expect.stringMatching(/^sentence encoder [0-9a-f]{12}$/),
    });
    near(await encoder.embedQuery("newton step", []), [2, 7, 8, 3]);
  });

  test("papers of different lengths do not change each other", async () => {
    const paper = (title: string) => ({ id: 1, title, abstract: "", words: "" });
    const vectors = await encoder.embedPapers([paper("step"), paper("newton hessian step!")]);
    // The point between title and abstract is no known piece.
    near(vectors[0], [2, 8, 1, 3]);
    near(vectors[1], [2, 7, 4, 5, 8, 9, 1, 3]);
  });

  test("a folder without a model, or with another kind of model, does not start", async () => {
    const empty = mkdtempSync(join(tmpdir(), "gradus-encoder-"));
    try {
      await expect(openEncoder(empty)).rejects.toThrow(/GRADUS_EMBED_MODEL.*(model\.onnx|tokenizer\.json)/);
      writeModel(empty);
      writeFileSync(
        join(empty, "model.onnx"),
        exportOnnx((pixels) => mul(pixels, 2), f32("batch", 3)),
      );
      await expect(openEncoder(empty)).rejects.toThrow("input_ids");
    } finally {
      rmSync(empty, { recursive: true, force: true });
    }
  });
});
