export { localTree } from "./local-tree.ts";
