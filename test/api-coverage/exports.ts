import { join } from "node:path";
import ts from "typescript";

const root = join(import.meta.dirname, "..", "..");

/** Where a symbol is looked for, the package that frontends import first. */
const packages = ["client", "account", "device", "connection", "types", "storage", "crypto", "base", "server"];

/** What the packages export, as the compiler sees it: types and values, their members, the codes of errors. */
export class Exports {
  readonly #checker: ts.TypeChecker;
  readonly #symbols = new Map<string, { readonly packageName: string; readonly symbol: ts.Symbol }>();

  constructor() {
    const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
    const entries = packages.map((name) => join(root, "packages", name, "src", "index.ts"));
    const program = ts.createProgram(entries, { ...options, noEmit: true, incremental: false, types: [] });
    this.#checker = program.getTypeChecker();
    for (const [index, packageName] of packages.entries()) this.#addAll(program, packageName, entries[index] ?? "");
  }

  #addAll(program: ts.Program, packageName: string, entry: string): void {
    const file = program.getSourceFile(entry);
    const module = file && this.#checker.getSymbolAtLocation(file);
    if (module === undefined) throw new Error(`${entry} is no module`);
    for (const exported of this.#checker.getExportsOfModule(module)) {
      if (this.#symbols.has(exported.name)) continue;
      const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
      const symbol = isAlias ? this.#checker.getAliasedSymbol(exported) : exported;
      this.#symbols.set(exported.name, { packageName, symbol });
    }
  }

  /** The package that exports `path`, an exported name and members of it (`Session.users.list`); `undefined` when none does. */
  find(path: string): string | undefined {
    const [name = "", ...members] = path.split(".");
    const found = this.#symbols.get(name);
    if (found === undefined) return undefined;
    return this.#typesOf(found.symbol).some((type) => this.#has(type, members)) ? found.packageName : undefined;
  }

  /** The codes of an exported error class, or union of them; `undefined` when there is no such export. */
  codes(name: string): ReadonlySet<string> | undefined {
    const found = this.#symbols.get(name);
    if (found === undefined) return undefined;
    return new Set(this.#codesOf(this.#checker.getDeclaredTypeOfSymbol(found.symbol)));
  }

  /** Whether a variant of the exported union has this `type`, and these members. */
  hasVariant(union: string, type: string, members: readonly string[]): boolean {
    const found = this.#symbols.get(union);
    if (found === undefined) return false;
    const declared = this.#checker.getDeclaredTypeOfSymbol(found.symbol);
    const variants = declared.isUnion() ? declared.types : [declared];
    return variants.some(
      (variant) =>
        this.#literals(variant, "type").includes(type) &&
        members.every((member) => this.#has(variant, member.split("."))),
    );
  }

  /** An exported name may be a type, a value, or both. */
  #typesOf(symbol: ts.Symbol): readonly ts.Type[] {
    const types: ts.Type[] = [];
    if ((symbol.flags & ts.SymbolFlags.Type) !== 0) types.push(this.#checker.getDeclaredTypeOfSymbol(symbol));
    if ((symbol.flags & ts.SymbolFlags.Value) !== 0) types.push(this.#checker.getTypeOfSymbol(symbol));
    return types;
  }

  #has(type: ts.Type, [member, ...others]: readonly string[]): boolean {
    if (member === undefined) return true;
    const property = this.#checker.getPropertyOfType(this.#checker.getNonNullableType(type), member);
    if (property === undefined || !isPublic(property)) return false;
    return this.#has(this.#checker.getTypeOfSymbol(property), others);
  }

  #codesOf(type: ts.Type): readonly string[] {
    return type.isUnion() ? type.types.flatMap((each) => this.#codesOf(each)) : this.#literals(type, "code");
  }

  #literals(type: ts.Type, member: string): readonly string[] {
    const property = this.#checker.getPropertyOfType(type, member);
    if (property === undefined) return [];
    const own = this.#checker.getTypeOfSymbol(property);
    const literal = this.#checker.getBaseConstraintOfType(own) ?? own;
    const literals = literal.isUnion() ? literal.types : [literal];
    return literals.flatMap((each) => (each.isStringLiteral() ? [each.value] : []));
  }
}

function isPublic(symbol: ts.Symbol): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (symbol.declarations ?? []).every((each) => (ts.getCombinedModifierFlags(each) & hidden) === 0);
}
