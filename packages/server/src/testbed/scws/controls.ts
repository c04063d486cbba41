import { toBase64 } from "@parsec/base";
import { JsonFields, jsonBytes, jsonList, jsonNullable, jsonOneOf, jsonText } from "../../http/json-fields.ts";
import type { HttpContext } from "../../http/request.ts";
import { TestbedError } from "../error.ts";
import type { Control } from "../testbed.ts";
import { type FakeCardCertificate, serviceKinds, webApplicationCertificate } from "./machine.ts";

// Ours, beyond spec 13: a smart card service over HTTP, as pages reach no card of a test. Bytes are in base64.

/** Puts cards into the machine; from then on the server knows the keys of its service. */
export const insertCards: Control = async ({ parts }, fields) => {
  const scws = await parts.cardMachine.insert({
    service: fields.optional("service", jsonOneOf(...serviceKinds)) ?? "GENUINE",
    certificates: fields.required("certificates", jsonList).map(readCertificate),
    trustAnchors: (fields.optional("trust_anchors", jsonList) ?? []).map(readBytes),
  });
  parts.controls.config = { ...parts.controls.config, scws };
  return { web_application_certificate: webApplicationCertificate };
};

function readCertificate(value: unknown): FakeCardCertificate {
  const fields = new JsonFields(value);
  return {
    tokenLabel: fields.required("token_label", jsonText),
    label: fields.required("label", jsonText),
    id: fields.required("id", jsonBytes),
    certificate: fields.required("certificate", jsonBytes),
    privateKey: fields.required("private_key", jsonNullable(jsonBytes)),
  };
}

function readBytes(value: unknown): Uint8Array {
  const bytes = jsonBytes(value);
  if (bytes === undefined) throw new TestbedError("bad_request", "Expected base64");
  return bytes;
}

export const countEnvironments: Control = async ({ parts }) => ({
  open_environments: parts.cardMachine.openEnvironments,
});

export const findService: Control = async ({ parts }, fields) => {
  const { keyId, cryptogram, challenge } = await parts.cardMachine.findService(
    fields.required("web_application_certificate", jsonText),
    fields.required("challenge", jsonBytes),
  );
  return { key_id: keyId, cryptogram: toBase64(cryptogram), challenge: toBase64(challenge) };
};

export const createEnvironment: Control = async ({ parts }, fields) => ({
  id: await parts.cardMachine.createEnvironment(fields.required("web_application_signature", jsonBytes)),
});

export const readCards: Control = async ({ parts }, _fields, c) => {
  const { certificates, trustAnchors } = parts.cardMachine.cardsOf(environmentOf(c));
  return {
    certificates: certificates.map(({ tokenLabel, label, id, certificate, privateKey }) => ({
      token_label: tokenLabel,
      label,
      id: toBase64(id),
      certificate: toBase64(certificate),
      has_private_key: privateKey !== null,
    })),
    trust_anchors: trustAnchors.map((der) => toBase64(der)),
  };
};

export const closeEnvironment: Control = async ({ parts }, _fields, c) => {
  parts.cardMachine.close(environmentOf(c));
  return {};
};

export const signWithCard: Control = async ({ parts }, fields, c) => {
  const [id, payload] = [fields.required("id", jsonBytes), fields.required("payload", jsonBytes)];
  return { signature: toBase64(parts.cardMachine.sign(environmentOf(c), id, payload)) };
};

export const decryptWithCard: Control = async ({ parts }, fields, c) => {
  const [id, ciphertext] = [fields.required("id", jsonBytes), fields.required("ciphertext", jsonBytes)];
  return { plaintext: toBase64(parts.cardMachine.decrypt(environmentOf(c), id, ciphertext)) };
};

function environmentOf(c: HttpContext): string {
  return c.req.param("environment") ?? "";
}
