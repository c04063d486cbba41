import { tosGet } from "@parsec/protocol";
import { authenticated } from "../handler.ts";

/** Spec 08b §4. */
export const tosGetHandler = authenticated(tosGet).inTransaction(async ({ organization }) => {
  const { tos } = organization;
  return tos === null ? { status: "no_tos" } : { status: "ok", ...tos };
});
