import { type Operation, operations } from "./operations.ts";
import { object, text } from "./schema.ts";

/** The administration interface as an OpenAPI document (spec 08c §1.6). */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: operationObject(operation) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Administration of a Parsec server", version: "3" },
    paths,
    components: { securitySchemes: { administration_token: { type: "http", scheme: "bearer" } } },
    security: [{ administration_token: [] }],
  };
}

function operationObject({ path, summary, query = {}, body, reply, refusals = [] }: Operation): object {
  const isAboutOne = path.includes("{organization_id}");
  const parameters = [
    ...(isAboutOne ? [{ name: "organization_id", in: "path", required: true, schema: text }] : []),
    ...Object.entries(query).map(([name, schema]) => ({ name, in: "query", required: false, schema })),
  ];
  const json = (schema: object) => ({ content: { "application/json": { schema } } });
  const refusal = (description: string) => ({ description, ...json(object({ detail: {} })) });
  return {
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, ...json(body) } }),
    responses: {
      200: { description: "Done", ...json(reply) },
      ...(refusals.length === 0 ? {} : { 400: refusal(`Refused: ${refusals.join("; ")}`) }),
      403: refusal("No administration token, or a wrong one"),
      ...(isAboutOne ? { 404: refusal("No such organization, user or service") } : {}),
      ...(body === undefined ? {} : { 422: refusal("The body is not what is described here") }),
    },
  };
}
