import ts from "typescript";

/** What options are when left out: by the parameter's place, then by the option's name, as the source says it. */
export type OptionDefaults = ReadonlyMap<number, Readonly<Record<string, string>>>;

/** The defaults of each signature's options, by the signature's number. */
export type Defaults = ReadonlyMap<number, OptionDefaults>;

/** A constant of the same file in place of its name. */
function sourceOf(initializer: ts.Expression): string {
  if (ts.isIdentifier(initializer))
    for (const statement of initializer.getSourceFile().statements)
      if (ts.isVariableStatement(statement))
        for (const { name, initializer: value } of statement.declarationList.declarations)
          if (value && ts.isIdentifier(name) && name.text === initializer.text) return sourceOf(value);
  return initializer.getText().replace(/\s+/g, " ");
}

function ofPattern(pattern: ts.ObjectBindingPattern): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { name, propertyName, initializer } of pattern.elements)
    if (initializer) values[(propertyName ?? name).getText()] = sourceOf(initializer);
  return values;
}

/** What the first statements of a body take out of a parameter. */
function ofBody(body: ts.Node | undefined, parameter: string): Record<string, string> {
  const values: Record<string, string> = {};
  if (!body || !ts.isBlock(body)) return values;
  for (const statement of body.statements)
    if (ts.isVariableStatement(statement))
      for (const { name, initializer } of statement.declarationList.declarations)
        if (ts.isObjectBindingPattern(name) && initializer?.getText() === parameter)
          Object.assign(values, ofPattern(name));
  return values;
}

/** The defaults of the options that a function takes apart, in its head or at the top of its body. */
export function defaultsOf(declaration: ts.Node): OptionDefaults {
  const places = new Map<number, Readonly<Record<string, string>>>();
  if (!ts.isFunctionLike(declaration)) return places;
  const body = "body" in declaration ? declaration.body : undefined;
  declaration.parameters.forEach(({ name }, place) => {
    const values = ts.isObjectBindingPattern(name) ? ofPattern(name) : ofBody(body, name.getText());
    if (Object.keys(values).length > 0) places.set(place, values);
  });
  return places;
}
