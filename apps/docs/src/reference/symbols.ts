import {
  type Comment,
  type DeclarationReflection,
  type ParameterReflection,
  ReflectionKind,
  type SignatureReflection,
  type SomeType,
} from "typedoc";
import type { Html, MemberDoc, SignatureDoc, SymbolDoc, SymbolKind } from "../model.ts";
import { codeHtml, commentHtml, firstSentence, inlineHtml } from "../text/comment.ts";
import type { Addresses } from "./addresses.ts";
import type { Defaults } from "./defaults.ts";
import { type Piece, printPieces } from "./print.ts";
import type { ParameterTags } from "./read.ts";
import {
  aliasPieces,
  callPieces,
  constantPieces,
  headPieces,
  isOptional,
  isOptions,
  parameterName,
} from "./signatures.ts";
import { typePieces } from "./types.ts";

/** What symbols are described with. */
export interface Context {
  readonly addresses: Addresses;
  readonly defaults: Defaults;
  readonly tags: ParameterTags;
  /** The functions that take an options type, by its number. */
  readonly takers: ReadonlyMap<number, readonly string[]>;
}

const typeHtml = (type: SomeType | undefined, { addresses }: Context): Html =>
  type ? printPieces(typePieces(type, addresses)) : "";

const textHtml = (comment: Comment | undefined, { addresses }: Context): Html =>
  comment ? inlineHtml(comment.summary, addresses) : "";

function tags(comment: Comment | undefined, tag: string, { addresses }: Context): Html[] {
  return (comment?.blockTags ?? [])
    .filter((block) => block.tag === tag)
    .map(({ content }) => inlineHtml(content, addresses));
}

/** The methods and the properties that a declaration itself brings. */
function ownMembers(declaration: DeclarationReflection): DeclarationReflection[] {
  return (declaration.children ?? []).filter(
    ({ inheritedFrom, flags, name, kind }) =>
      !inheritedFrom &&
      !flags.isExternal &&
      // Every error has a name; it says what the class's does.
      !(declaration.kindOf(ReflectionKind.Class) && name === "name" && kind === ReflectionKind.Property),
  );
}

function member(declaration: DeclarationReflection, context: Context): MemberDoc[] {
  const { signatures, flags } = declaration;
  // Members such as [Symbol.dispose] are read without their namespace.
  const name = declaration.name.replace(/^\[(?=\w+\]$)/, "[Symbol.");
  const constructs = declaration.kindOf(ReflectionKind.Constructor);
  if (signatures)
    return signatures
      .filter(({ inheritedFrom }) => !inheritedFrom)
      .map((signature) => ({
        name: constructs ? "constructor" : name,
        type: printPieces(
          callPieces(
            constructs ? "new" : "",
            constructs ? (declaration.parent?.name ?? name) : name,
            signature,
            context.addresses,
          ),
        ),
        optional: flags.isOptional,
        text: [
          signature.comment ? commentHtml(signature.comment.summary, context.addresses) : "",
          ...tags(signature.comment, "@throws", context).map((text) => `<p>Throws ${text}</p>`),
        ].join(""),
      }));
  const described = declaration.getSignature ?? declaration;
  return [
    {
      name,
      type: typeHtml(described.type, context),
      optional: flags.isOptional,
      text: textHtml(described.comment, context),
    },
  ];
}

/** The fields of an options object: of an interface called so, or of a type written in place. */
function fieldsOf(type: SomeType | undefined): readonly DeclarationReflection[] {
  if (type?.type === "reflection")
    return type.declaration.signatures ? [] : (type.declaration.children ?? []);
  if (type?.type === "intersection") return type.types.flatMap(fieldsOf);
  if (type?.type !== "reference" || !isOptions(type.name)) return [];
  const { reflection } = type;
  if (!reflection?.isDeclaration()) return [];
  return reflection.children ?? (reflection.type ? fieldsOf(reflection.type) : []);
}

function parameter(
  declaration: ParameterReflection,
  values: Readonly<Record<string, string>>,
  context: Context,
): MemberDoc {
  const { type, defaultValue } = declaration;
  // Of a parameter without a name, the comment names the fields.
  const said = (field: string) =>
    context.tags
      .get(declaration.parent?.id ?? -1)
      ?.find(({ name }) => name === field || name === `options.${field}`);
  const fields = fieldsOf(type).flatMap((field) =>
    member(field, context).map((doc): MemberDoc => {
      const text = doc.text || inlineHtml(said(doc.name)?.content ?? [], context.addresses);
      return values[doc.name] === undefined
        ? { ...doc, text }
        : { ...doc, text, defaultValue: values[doc.name] };
    }),
  );
  return {
    name: parameterName(declaration),
    type: typeHtml(type, context),
    optional: isOptional(declaration),
    // That options are an empty object when left out says nothing; the compiler shortens what is long to dots.
    ...(defaultValue === undefined || ["{}", "..."].includes(defaultValue) ? {} : { defaultValue }),
    text: textHtml(declaration.comment, context),
    ...(fields.length > 0 ? { fields } : {}),
  };
}

function call(name: string, signature: SignatureReflection, context: Context): SignatureDoc {
  const places = context.defaults.get(signature.id);
  const [returns] = tags(signature.comment, "@returns", context);
  return {
    ...described(callPieces("function", name, signature, context.addresses), signature.comment, context),
    parameters: (signature.parameters ?? [])
      .map((p, place) => parameter(p, places?.get(place) ?? {}, context))
      .filter(({ text, fields, defaultValue }) => text || fields || defaultValue),
    ...(returns === undefined ? {} : { returns }),
  };
}

function described(code: readonly Piece[], comment: Comment | undefined, context: Context): SignatureDoc {
  return {
    code: printPieces(code),
    text: comment ? commentHtml(comment.summary, context.addresses) : "",
    parameters: [],
    throws: tags(comment, "@throws", context),
    see: tags(comment, "@see", context),
  };
}

/** A constant that is called is a function to its users. */
function callables({ signatures, type, children }: DeclarationReflection): readonly SignatureReflection[] {
  if (signatures) return signatures;
  if (children) return [];
  if (type?.type === "reflection" && !type.declaration.children) return type.declaration.signatures ?? [];
  return [];
}

/** Options without a comment are what their functions say of them. */
function takenBy(takers: readonly string[], addresses: Addresses): Html {
  return `<p>What ${takers.map((name) => codeHtml(name, addresses)).join(", ")} takes.</p>`;
}

/** The options types of a function's parameters. */
export function optionTypes(declaration: DeclarationReflection): number[] {
  const found = (type: SomeType | undefined): number[] => {
    if (type?.type === "intersection") return type.types.flatMap(found);
    return type?.type === "reference" && type.reflection && isOptions(type.name) ? [type.reflection.id] : [];
  };
  return callables(declaration).flatMap(({ parameters = [] }) =>
    parameters.flatMap(({ type }) => found(type)),
  );
}

/** The name, the kind and the ways to call or declare a symbol. */
export function describeSymbol(
  declaration: DeclarationReflection,
  { name, anchor, exported }: { readonly name: string; readonly anchor: string; readonly exported: boolean },
  context: Context,
): SymbolDoc {
  const { addresses } = context;
  const calls = callables(declaration);
  const comment = declaration.comment ?? calls[0]?.comment;
  const [source] = declaration.sources ?? [];
  let kind: SymbolKind;
  let signatures: readonly SignatureDoc[];
  let members: readonly MemberDoc[] = [];
  if (declaration.kindOf(ReflectionKind.Class) || declaration.kindOf(ReflectionKind.Interface)) {
    kind = declaration.kindOf(ReflectionKind.Class) ? "class" : "interface";
    signatures = [described(headPieces(kind, declaration, addresses), comment, context)];
    members = ownMembers(declaration).flatMap((child) => member(child, context));
  } else if (declaration.kindOf(ReflectionKind.TypeAlias)) {
    kind = "type";
    const object = declaration.type?.type === "reflection" ? declaration.type.declaration : declaration;
    const listed = object.children !== undefined && !object.signatures && !object.indexSignatures;
    signatures = [described(aliasPieces(declaration, addresses, listed), comment, context)];
    if (listed) members = ownMembers(object).flatMap((child) => member(child, context));
  } else if (calls.length > 0) {
    kind = "function";
    signatures = calls.map((signature) => {
      const doc = call(declaration.name, signature, context);
      return doc.text === "" && comment
        ? { ...doc, text: commentHtml(comment.summary, addresses), throws: tags(comment, "@throws", context) }
        : doc;
    });
  } else {
    kind = "constant";
    const object = declaration.type?.type === "reflection" ? declaration.type.declaration : undefined;
    signatures = [described(constantPieces(declaration, addresses, object !== undefined), comment, context)];
    members = (object?.children ?? []).flatMap((child) => member(child, context));
  }
  const takers = context.takers.get(declaration.id);
  if (!comment && takers)
    signatures = signatures.map((doc) => ({ ...doc, text: takenBy(takers, addresses) }));
  return {
    name,
    anchor,
    kind,
    sentence: comment ? firstSentence(comment.summary) : takers ? `What ${takers.join(", ")} takes.` : "",
    signatures,
    members,
    source: { file: source?.fileName ?? "", line: source?.line ?? 1 },
    exported,
  };
}
