declare const brand: unique symbol;

/** A `Base` value that was checked to be a `Name`. Only parsers make one. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
