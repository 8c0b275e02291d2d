import { expect, test } from "vitest";
import { parseArxivId, parsePaperReference } from "./arxiv-id.ts";

test.each([
  ["2412.08424", "2412.08424", undefined],
  ["2412.08424v2", "2412.08424", 2],
  ["arXiv:1806.07572v4", "1806.07572", 4],
  ["0704.0001", "0704.0001", undefined],
  ["1412.9999", "1412.9999", undefined],
  ["1501.00001", "1501.00001", undefined],
  ["math/0611800", "math/0611800", undefined],
  ["math.CA/0611800v2", "math/0611800", 2],
  ["MATH/0611800", "math/0611800", undefined],
  ["cond-mat/9901001", "cond-mat/9901001", undefined],
  ["hep-th/9107001", "hep-th/9107001", undefined],
  ["math/0703999", "math/0703999", undefined],
])("%s is %s", (text, id, version) => {
  expect(parseArxivId(text)).toEqual({ id, version });
});

test.each([
  "",
  "2412.8424",
  "1412.00001",
  "2413.08424",
  "2400.08424",
  "0703.0001",
  "2412.08424v0",
  "2412.08424v01",
  "2412.08424v",
  "2412.084244",
  "math/061180",
  "math/0613800",
  "math//0611800",
  // No archive, and months before the first and after the last of the scheme.
  "maths/0611800",
  "a-b/0611800",
  "hep-th/9106001",
  "math/0704001",
  "math/2511800",
  "../0611800",
  "2412.08424/x",
  "2412.08424 ",
  "２４12.08424",
  "9".repeat(100),
])("refuses %j", (text) => {
  expect(parseArxivId(text)).toBeUndefined();
});

test.each([
  ["https://arxiv.org/abs/1806.07572", "1806.07572", undefined],
  ["http://www.arxiv.org/abs/1806.07572v4", "1806.07572", 4],
  ["https://export.arxiv.org/pdf/1806.07572v2.pdf", "1806.07572", 2],
  ["https://arxiv.org/html/2412.08424v1/", "2412.08424", 1],
  ["https://arxiv.org/abs/math.CA/0611800", "math/0611800", undefined],
  ["https://huggingface.co/papers/1806.07572", "1806.07572", undefined],
  ["https://www.alphaxiv.org/abs/1806.07572", "1806.07572", undefined],
  ["https://doi.org/10.48550/arXiv.1806.07572", "1806.07572", undefined],
  ["10.48550/arXiv.1806.07572", "1806.07572", undefined],
  ["doi:10.48550/ARXIV.1806.07572", "1806.07572", undefined],
  ["arXiv:1806.07572", "1806.07572", undefined],
  ["arxiv.org/abs/1806.07572", "1806.07572", undefined],
  ["www.arxiv.org/pdf/1806.07572v3", "1806.07572", 3],
  ["//arxiv.org/html/1806.07572", "1806.07572", undefined],
  ["huggingface.co/papers/1806.07572", "1806.07572", undefined],
  ["alphaxiv.org/abs/1806.07572", "1806.07572", undefined],
  ["doi.org/10.48550/arXiv.1806.07572", "1806.07572", undefined],
  ["arxiv 2209.10931", "2209.10931", undefined],
  ["arXiv: 2209.10931v2", "2209.10931", 2],
  ["arXiv:2209.10931v2 [cs.LG]", "2209.10931", 2],
  ["abs/2209.10931", "2209.10931", undefined],
  ["arxiv math/0611800", "math/0611800", undefined],
])("%s names a paper", (text, id, version) => {
  expect(parsePaperReference(text)).toEqual({ id, version });
});

test.each([
  "https://arxiv.org@evil.example/abs/1806.07572",
  "https://user:secret@arxiv.org/abs/1806.07572",
  "https://arxiv.org.evil.example/abs/1806.07572",
  "https://arxiv.org:8080/abs/1806.07572",
  "https://arxiv.org/list/1806.07572",
  "https://huggingface.co/1806.07572",
  "ftp://arxiv.org/abs/1806.07572",
  "https://аrxiv.org/abs/1806.07572",
  "https://arxiv.org/abs/",
  "https://arxiv.org",
  "arxiv.org@evil.example/abs/1806.07572",
  "evil.example/arxiv.org/abs/1806.07572",
  "arxiv.org.evil.example/abs/1806.07572",
  "arxiv.org",
  "arxiv 22 2209.10931",
  "arxivs 2209.10931",
  "10.1000/arXiv.1806.07572",
  "1806.07572 and more",
])("%s names none", (text) => {
  expect(parsePaperReference(text)).toBeUndefined();
});
