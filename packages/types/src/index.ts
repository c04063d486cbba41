export type { Brand } from "./brand.ts";
export * from "./codec/index.ts";
export * from "./ids.ts";
