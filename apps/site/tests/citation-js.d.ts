// The part of these packages that tests use; they come without types.
declare module "@citation-js/core" {
  interface Entry {
    readonly "citation-key": string;
    readonly title?: string;
    readonly DOI?: string;
    readonly author?: readonly Record<string, string>[];
  }
  export const plugins: {
    readonly input: { chain(text: string, options: { readonly generateGraph: boolean }): readonly Entry[] };
  };
}
declare module "@citation-js/plugin-bibtex";
