const OPERATOR = /^([=≈<>≤≥+*/·±→∈×∝∪~−|-]|<=|>=|!=|:=|->|<<|>>)$/;
/** Words that read as text although they are as short as a symbol. */
const TEXT = new Set(
  "a an and are as at be by do for from has if in is it its no not of on or so than that the then to up we with when where over per each all any integer integers number numbers finite whole".split(
    " ",
  ),
);
const FUNCTIONS = new Set(
  "ln log exp sqrt sin cos tanh sum prod max min argmax argmin det tr diag sign".split(" "),
);

const inner = (word: string) => word.replace(/^[([{|]+|[)\]}|,.;:]+$/g, "");

/** A word that no sentence has: `x^2`, `f(x)`, `beta1`, `learningRate`, `λ`, `3.5`, a single letter. */
function isOperand(word: string): boolean {
  const core = inner(word);
  if (core === "" || TEXT.has(core)) return false;
  return (
    /^[-−]?(\d[\d.e+-]*|[A-Za-z]|\p{Script=Greek}+)('|\d|ᵀ|²|³)*([/*]\(?(\d+|\w))?$/u.test(core) ||
    /[\^_=√∇Σ∑|²³ᵀ‖]/.test(core) ||
    /^[([{]*[-−]?[A-Za-z][\w.]*\(/.test(word) ||
    /^[-−]?[a-z]+(\d+|[a-z]*[A-Z]\w*)$/.test(core) ||
    FUNCTIONS.has(core)
  );
}

/** A word that alone is a formula. */
const isFormula = (word: string) =>
  /[\w)\]|]\^|\w\([^)\s]+\)|[\w)\]]=[\w([-]/.test(word) && !/^\(/.test(word);

/** Brackets opened less brackets closed; those of an inner product, `<a, b>`, too. */
const depth = (word: string) =>
  (word.match(/[([{]|<(?=[\w(])/g)?.length ?? 0) - (word.match(/[)\]}]|(?<=[\w)])>/g)?.length ?? 0);

/** A formula, and what follows it: punctuation, and brackets that were opened before it. */
function trimEnd(text: string): [formula: string, rest: string] {
  let end = text.length;
  while (/[,.;:]/.test(text[end - 1]) || (/[)\]}]/.test(text[end - 1]) && depth(text.slice(0, end)) < 0))
    end -= 1;
  return [text.slice(0, end), text.slice(end)];
}

/** A part of a sentence: text, or a formula that stands in it. */
export interface Span {
  readonly text: string;
  readonly formula: boolean;
}

/**
 * Splits a sentence into text and the formulas written in it as plain text, such as `x_(k+1) = x_k - h grad f(x_k)`.
 * A formula is a run of operators, numbers and names that no sentence has, with an operator between two of them.
 */
export function splitFormulas(sentence: string): Span[] {
  const words = sentence.split(/(\s+)/);
  const spans: Span[] = [];
  let text = "";
  const push = (span: Span) => {
    if (span.text !== "") spans.push(span);
  };
  for (let i = 0; i < words.length; ) {
    const run = runFrom(words, i);
    if (run === undefined) {
      text += words[i];
      i += 1;
      continue;
    }
    const [formula, rest] = trimEnd(words.slice(i, run).join(""));
    push({ text, formula: false });
    push({ text: formula.replace(/\s+/g, " "), formula: true });
    text = rest;
    i = run;
  }
  push({ text, formula: false });
  return spans;
}

/** The end of the formula that begins at word `start`, or undefined when none does. */
function runFrom(words: readonly string[], start: number): number | undefined {
  let open = 0;
  let end = start;
  let operators = 0;
  for (let i = start; i < words.length; i += 2) {
    const word = words[i];
    const next = words[i + 2] ?? "";
    const previous = i > start ? words[i - 2] : "";
    const besideOperator =
      /^[([{|-]*[A-Za-z]\w*[)\]}|,.;:^\d]*$/.test(word) &&
      !TEXT.has(inner(word)) &&
      (OPERATOR.test(previous) || (OPERATOR.test(next) && next !== "-" && next !== "|"));
    const operator = OPERATOR.test(word);
    if (!operator && !isOperand(word) && !besideOperator && open <= 0) break;
    if (operator && i === start) return undefined;
    if (operator && /[,.;:]$/.test(previous) && open <= 0) break;
    open += depth(word);
    if (operator) operators += 1;
    else end = i + 1;
    if (!operator && /[,.;:]$/.test(word) && open <= 0) break;
    if (open < 0) break;
  }
  if (end === start || open > 0) return undefined;
  const text = words.slice(start, end);
  if (operators > 0 && end - start >= 5) return end;
  return text.some(isFormula) ? end : undefined;
}
