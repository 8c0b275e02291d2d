import { type GuideDoc, type ModuleDoc, type PackageDoc, symbolsOf } from "@gradus/docs/model";
import { error, redirect } from "@sveltejs/kit";
import type { Entry } from "./search.ts";
import type { NavigationPart, PackageOutline, PageLink, Place } from "./views.ts";

/** The documentation, read when a reader first asks for it. */
const load = () => import("virtual:gradus-docs").then(({ default: content }) => content);

const guideLink = ({ slug, title }: GuideDoc): PageLink => ({ title, href: `/docs/guides/${slug}` });
const packageLink = ({ slug, name }: PackageDoc): PageLink => ({ title: name, href: `/docs/api/${slug}` });
const moduleLink = (owner: PackageDoc, { slug, title }: ModuleDoc): PageLink => ({
  title,
  href: `/docs/api/${owner.slug}/${slug}`,
});
const HOME: PageLink = { title: "Documentation", href: "/docs" };

function outline(doc: PackageDoc): PackageOutline {
  const { slug, name, description } = doc;
  const modules = doc.modules.map((module) => ({
    ...moduleLink(doc, module),
    sentence: module.sentence,
    path: module.path,
    symbols: symbolsOf(module)
      .filter(({ exported }) => exported)
      .map(({ anchor, name: title }) => ({ anchor, title })),
  }));
  return { slug, name, description, href: packageLink(doc).href, modules };
}

/** The parts of the documentation and their pages, in order. */
export async function navigation(): Promise<NavigationPart[]> {
  const { guides, packages } = await load();
  return [
    { title: "Guides", href: "/docs#guides", pages: guides.map(guideLink) },
    { title: "HTTP API and feeds", href: "/docs/http", pages: [] },
    { title: "Speed in your browser", href: "/docs/speed", pages: [] },
    ...packages.map((doc) => ({
      ...packageLink(doc),
      pages: doc.modules.map((module) => moduleLink(doc, module)),
    })),
  ];
}

/** The neighbors of a page among `pages`. */
function place(above: readonly PageLink[], pages: readonly PageLink[], href: string): Place {
  const at = pages.findIndex((page) => page.href === href);
  return { above: [HOME, ...above], previous: pages[at - 1], next: pages[at + 1] };
}

export async function overview() {
  const { guides, packages } = await load();
  return {
    guides: guides.map((guide) => ({ ...guideLink(guide), summary: guide.summary })),
    packages: packages.map(outline),
  };
}

/** A guide with its place; ends in a 404 where there is none. */
export async function guide(slug: string) {
  const { guides } = await load();
  const found = guides.find((candidate) => candidate.slug === slug);
  if (!found) error(404, `Guide "${slug}" not found.`);
  return { guide: found, place: place([], guides.map(guideLink), guideLink(found).href) };
}

async function packageNamed(slug: string): Promise<PackageDoc> {
  const { packages } = await load();
  const found = packages.find((candidate) => candidate.slug === slug);
  if (!found)
    error(404, `Package "${slug}" not found; packages are ${packages.map((doc) => doc.slug).join(", ")}.`);
  return found;
}

export async function packagePage(slug: string) {
  const { packages } = await load();
  const doc = await packageNamed(slug);
  return { package: outline(doc), place: place([], packages.map(packageLink), packageLink(doc).href) };
}

/** A page of symbols with its place. The name of a symbol leads to where it stands; any other ends in a 404. */
export async function modulePage(packageSlug: string, name: string) {
  const { packages } = await load();
  const doc = await packageNamed(packageSlug);
  const module = doc.modules.find(({ slug }) => slug === name);
  if (module) {
    const pages = packages.flatMap((owner) => owner.modules.map((member) => moduleLink(owner, member)));
    const { href } = moduleLink(doc, module);
    return { module, package: doc.name, place: place([packageLink(doc)], pages, href) };
  }
  const holder = doc.modules.find((candidate) => symbolsOf(candidate).some(({ anchor }) => anchor === name));
  if (!holder) error(404, `${doc.name} exports no "${name}".`);
  redirect(302, `${moduleLink(doc, holder).href}#${name}`);
}

/** Everything that can be looked up. */
export async function entries(): Promise<Entry[]> {
  const { guides, packages } = await load();
  return [
    ...guides.map((doc) => ({
      name: doc.title,
      kind: "guide",
      page: "Guides",
      sentence: doc.lead,
      href: guideLink(doc).href,
    })),
    ...packages.flatMap((doc) =>
      doc.modules.flatMap((module) =>
        symbolsOf(module).map(({ name, anchor, kind, sentence }) => ({
          name,
          kind,
          page: `${doc.name}, ${module.title}`,
          sentence,
          href: `${moduleLink(doc, module).href}#${anchor}`,
        })),
      ),
    ),
  ];
}

/** A source file that declares symbols; ends in a 404 for any other. */
export async function sourceFile(file: string): Promise<string> {
  const { default: sources } = await import("virtual:gradus-docs/sources");
  if (!Object.hasOwn(sources, file)) error(404, `No symbol is declared in ${file}.`);
  return sources[file];
}
