import { type JsonFields, jsonCount, jsonNullable, jsonText } from "../http/json-fields.ts";
import { TestbedError } from "./error.ts";
import { type Fault, openBaoRefusals } from "./faults.ts";

const mailOutcomes = ["SERVER_UNAVAILABLE", "RECIPIENT_REFUSED", "BAD_SMTP_CONFIG"] as const;

/** What the body of `POST /testbed/faults` asks for. @throws TestbedError `unknown_fault` */
export function readFaults(fields: JsonFields): { readonly faults: readonly Fault[]; readonly count: number } {
  const kind = fields.required("kind", jsonText);
  const count = fields.required("count", jsonCount);
  const operation = fields.optional("operation", jsonNullable(jsonText)) ?? undefined;
  const outcome = fields.optional("outcome", jsonNullable(jsonText)) ?? undefined;
  return { faults: faultsOf(kind, operation, outcome), count };
}

function faultsOf(kind: string, operation: string | undefined, outcome: string | undefined): readonly Fault[] {
  if (kind === "database") return [{ kind }];
  if (kind === "mail") {
    const known = mailOutcomes.find((name) => name === (outcome ?? "SERVER_UNAVAILABLE"));
    if (known !== undefined) return [{ kind, outcome: known }];
  }
  if (kind === "openbao") {
    const known = openBaoRefusals.find((name) => name === outcome);
    if (known !== undefined) return [{ kind, outcome: known }];
  }
  if (kind === "block_store") {
    const operations = (["read", "write"] as const).filter((name) => operation === undefined || operation === name);
    if (operations.length > 0) return operations.map((name) => ({ kind, operation: name }));
  }
  throw new TestbedError("unknown_fault", "Unknown kind, operation or outcome");
}
