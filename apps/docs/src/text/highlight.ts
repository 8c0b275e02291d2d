import highlighter from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import json from "highlight.js/lib/languages/json";
import typescript from "highlight.js/lib/languages/typescript";
import type { Html } from "../model.ts";
import { escapeHtml } from "./escape.ts";

highlighter.registerLanguage("ts", typescript);
highlighter.registerLanguage("sh", bash);
highlighter.registerLanguage("json", json);

/** Code as HTML whose classes say what is what; a language that is not known stays plain. */
export function highlight(code: string, language: string): Html {
  return highlighter.getLanguage(language)
    ? highlighter.highlight(code, { language }).value
    : escapeHtml(code);
}

/** Lines of highlighted code; what spans several lines, such as a comment, is closed and opened again at their ends. */
export function highlightedLines(code: string, language: string): Html[] {
  const open: string[] = [];
  return highlight(code, language)
    .split("\n")
    .map((line) => {
      const before = open.join("");
      for (const [tag] of line.matchAll(/<span[^>]*>|<\/span>/g))
        if (tag === "</span>") open.pop();
        else open.push(tag);
      return before + line + "</span>".repeat(open.length);
    });
}
