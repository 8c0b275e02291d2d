import { type SQL, sql } from "drizzle-orm";

/** Verbs that British English may write with "s": the beginning of each, up to "is". */
const BRITISH = [
  ...["amort", "binar", "categor", "central", "character", "concept", "conceptual", "custom", "decentral"],
  ...["diagonal", "discret", "equal", "factor", "final", "formal", "general", "initial", "linear", "local"],
  ...["major", "marginal", "maxim", "memor", "minim", "normal", "optim", "organ", "orthogonal", "parallel"],
  ...["parameter", "parametr", "penal", "personal", "polar", "prior", "quant", "random", "real", "recogn"],
  ...["regular", "serial", "special", "stabil", "standard", "sten", "summar", "symmetr", "synchron", "token"],
  ...["util", "vector", "visual"],
];

/** Patterns of words, and how American English writes them; in that order. */
const SPELLINGS: readonly (readonly [pattern: string, replacement: string])[] = [
  [
    `\\m((?:re|un|non|over)?-?(?:${BRITISH.join("|")}))is(e|ed|es|er|ers|ing|ation|ations|able)\\M`,
    "\\1iz\\2",
  ],
  ["\\m(over-?|re|)parametri[sz](e|ed|es|ing|ation|ations)\\M", "\\1parameteriz\\2"],
  ["\\manalys(e|ed|es|ing)\\M", "analyz\\1"],
  ["\\m(behavi|neighb|col|fav)our(s|ed|ing|hood|hoods)?\\M", "\\1or\\2"],
  ["\\m(model|label|travel|cancel)l(ed|ing)\\M", "\\1\\2"],
  ["\\m(cent|fib)re(s?)\\M", "\\1er\\2"],
  // Stemming takes "imbalance" and "imbalanced" for different words.
  ["\\m(im|un|)balanc(?:e|es|ing)\\M", "\\1balanced"],
];

/** Names joined of words: "KernelSHAP" is found by "SHAP", too. */
const JOINED = "\\m[[:alpha:]]*[[:lower:]]{3}(?:[[:upper:]]{3,}|[[:upper:]][[:lower:]]{2,})[[:alnum:]]*\\M";
const SEAM = "([[:lower:]]{3})([[:upper:]]{3,}|[[:upper:]][[:lower:]]{2,})";

/** A text as it is searched: without accents, in American spelling. Texts and queries alike. */
export function searchable(text: SQL): SQL {
  return SPELLINGS.reduce(
    (plain, [pattern, replacement]) => sql`regexp_replace(${plain}, ${pattern}, ${replacement}, 'gi')`,
    sql`unaccent(${text})`,
  );
}

/** The parts of a text's names that are joined of words, as a text. */
export function joinedNameParts(text: SQL): SQL {
  return sql`coalesce((
    select string_agg(regexp_replace(name[1], ${SEAM}, '\\1 \\2', 'g'), ' . ')
    from regexp_matches(unaccent(${text}), ${`(${JOINED})`}, 'g') name), '')`;
}
