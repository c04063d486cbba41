import { escapeHtml } from "../../mail/layout.ts";
import { htmlPage } from "../pages.ts";
import { htmlResponse, jsonResponse } from "../response.ts";
import { openApiDocument } from "./document.ts";
import { type Operation, operations } from "./operations.ts";
import type { OpenApiSchema } from "./schema.ts";

/** `/openapi.json`. */
export async function openApiRoute(): Promise<Response> {
  return jsonResponse(200, openApiDocument());
}

/** `/docs` and `/redoc`: the same, to read. The page takes nothing from elsewhere. */
export async function documentationRoute(): Promise<Response> {
  const introduction =
    "<h1>Administration of a Parsec server</h1>" +
    "<p>JSON in and out, with the header <code>Authorization: Bearer TOKEN</code>. For programs: " +
    '<a href="/openapi.json">openapi.json</a>.</p>';
  return htmlResponse(200, htmlPage("Administration", introduction + operations.map(section).join("")));
}

function section({ method, path, summary, query, body, reply, refusals }: Operation): string {
  const fields = (title: string, schema: OpenApiSchema | undefined) =>
    schema === undefined ? "" : `<p>${title}</p><pre>${escapeHtml(shown(schema))}</pre>`;
  return [
    `<h2><code>${method.toUpperCase()} ${escapeHtml(path)}</code></h2><p>${escapeHtml(summary)}.</p>`,
    query === undefined ? "" : fields("Query", { type: "object", properties: query }),
    fields("Body", body),
    fields("Reply", reply),
    refusals === undefined ? "" : `<p>400 when ${escapeHtml(refusals.join("; "))}.</p>`,
  ].join("");
}

/** A schema as one reads it: one field a line, `?` after those that may be left out. */
function shown(schema: OpenApiSchema, indent = ""): string {
  const inner = `${indent}  `;
  if (schema.oneOf !== undefined) return schema.oneOf.map((each) => shown(each, indent)).join(" or ");
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (schema.items !== undefined) return `list of ${shown(schema.items, indent)}`;
  if (schema.additionalProperties !== undefined) return `map of ${shown(schema.additionalProperties, indent)}`;
  if (schema.properties === undefined) return [schema.type ?? "any"].flat().join(" or ");
  const lines = Object.entries(schema.properties).map(([name, field]) => {
    const isOptional = schema.required?.includes(name) !== true;
    const note = field.description === undefined ? "" : `  (${field.description})`;
    return `${inner}${name}${isOptional ? "?" : ""}: ${shown(field, inner)}${note}\n`;
  });
  return lines.length === 0 ? "{}" : `{\n${lines.join("")}${indent}}`;
}
