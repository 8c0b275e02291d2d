/** A piece of an abstract, between its raw text and what is shown. */
export type Segment =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly url: string }
  | { readonly kind: "emphasis" | "strong"; readonly children: readonly Segment[] }
  | { readonly kind: "math"; readonly tex: string; readonly display: boolean };

/**
 * Where an abstract's text comes from: `source` is arXiv's own, with formulas between dollar signs; `flattened` is
 * text that lost its formula marks on the way (`gamma to infty`, `f_theta`).
 */
export type AbstractKind = "source" | "flattened";
