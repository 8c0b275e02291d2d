import type { Heading, PackageDoc } from "@gradus/docs/model";

export interface PageLink {
  readonly title: string;
  readonly href: string;
}

/** The pages of a part of the documentation. */
export interface NavigationPart extends PageLink {
  readonly pages: readonly PageLink[];
}

/** Where a page stands: the ones above it, and its neighbors. */
export interface Place {
  readonly above: readonly PageLink[];
  readonly previous?: PageLink;
  readonly next?: PageLink;
}

/** A package and what its pages hold, without the text of its symbols. */
export interface PackageOutline extends Pick<PackageDoc, "slug" | "name" | "description"> {
  readonly href: string;
  readonly modules: readonly {
    readonly title: string;
    readonly href: string;
    /** What an import names. */
    readonly path: string;
    readonly sentence: string;
    readonly symbols: readonly Heading[];
  }[];
}
