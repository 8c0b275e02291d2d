import { z } from "zod";

/** A text as numbers of its pieces, between the numbers of what marks its begin and end. */
export type Tokenizer = (text: string) => number[];

/** What of a `tokenizer.json` is read: a WordPiece model with BERT's normalization and splitting. */
const fileSchema = z.object({
  truncation: z.object({ max_length: z.int().min(3) }).nullish(),
  normalizer: z
    .object({
      type: z.literal("BertNormalizer"),
      clean_text: z.boolean().default(true),
      handle_chinese_chars: z.boolean().default(true),
      strip_accents: z.boolean().nullish(),
      lowercase: z.boolean().default(true),
    })
    .nullish(),
  pre_tokenizer: z.object({ type: z.literal("BertPreTokenizer") }),
  model: z.object({
    type: z.literal("WordPiece"),
    unk_token: z.string().default("[UNK]"),
    continuing_subword_prefix: z.string().default("##"),
    max_input_chars_per_word: z.int().default(100),
    vocab: z.record(z.string(), z.int()),
  }),
});

/** Pieces of a text beyond this many are left out, as most encoders were trained. */
const USUAL_LENGTH = 512;

type Normalizer = NonNullable<z.infer<typeof fileSchema>["normalizer"]>;

/** Splits what is CJK into characters; cleans, lowers and strips accents as the file says. */
function normalize(text: string, rules: Normalizer): string {
  let result = text;
  if (rules.clean_text)
    result = result.replace(/[\p{Cc}\p{Cf}\uFFFD]/gu, (c) => (/[\t\n\r]/.test(c) ? " " : ""));
  if (rules.handle_chinese_chars) result = result.replace(/\p{Script=Han}/gu, " $& ");
  if (rules.strip_accents ?? rules.lowercase) result = result.normalize("NFD").replace(/\p{Mn}/gu, "");
  return rules.lowercase ? result.toLowerCase() : result;
}

/** Words, and punctuation marks by themselves; ASCII symbols count as punctuation. */
const WORD = /[\p{P}$+<=>^`|~]|[^\s\p{P}$+<=>^`|~]+/gu;

/**
 * Reads a `tokenizer.json`: the longest known piece first, over and over; a word with an unknown rest is unknown.
 *
 * @throws Error naming what the file has that is not WordPiece as BERT uses it
 *
 * Source: Devlin, Chang, Lee & Toutanova 2019, "BERT", section 3, after Wu et al. 2016.
 */
export function readTokenizer(json: unknown): Tokenizer {
  const { data: file, error } = fileSchema.safeParse(json);
  if (!file) throw new Error(`tokenizer.json is not a BERT WordPiece tokenizer: ${z.prettifyError(error)}`);
  const { model, normalizer, truncation } = file;
  const vocabulary = new Map(Object.entries(model.vocab));
  const idOf = (token: string) => {
    const id = vocabulary.get(token);
    if (id === undefined) throw new Error(`tokenizer.json has no ${token} in its vocabulary`);
    return id;
  };
  const [unknown, begin, end] = [model.unk_token, "[CLS]", "[SEP]"].map(idOf);
  const longest = truncation?.max_length ?? USUAL_LENGTH;

  const piecesOf = (word: string): number[] => {
    const characters = [...word];
    if (characters.length > model.max_input_chars_per_word) return [unknown];
    const pieces: number[] = [];
    for (let from = 0; from < characters.length; ) {
      const prefix = from > 0 ? model.continuing_subword_prefix : "";
      let to = characters.length;
      while (to > from && !vocabulary.has(prefix + characters.slice(from, to).join(""))) to--;
      if (to === from) return [unknown];
      pieces.push(idOf(prefix + characters.slice(from, to).join("")));
      from = to;
    }
    return pieces;
  };

  return (text) => {
    const words = (normalizer ? normalize(text, normalizer) : text).match(WORD) ?? [];
    return [begin, ...words.flatMap(piecesOf).slice(0, longest - 2), end];
  };
}
