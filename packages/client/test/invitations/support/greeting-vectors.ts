import { readFileSync } from "node:fs";
import { fromBase64 } from "@parsec/base";

/** A document of `greeting.json`: how it was sealed is told by its other fields. Bytes are in base64. */
export interface RecordedData {
  readonly msgpack: string;
  readonly dump: string;
}

export interface RecordedMessage {
  readonly request: string;
  readonly reply: string;
}

/** One side of one step: the request went out `polls` times, and `reply` was the last reply. */
export interface RecordedStep extends RecordedMessage {
  readonly polls: number;
}

export interface RecordedGreeting {
  readonly name: string;
  readonly kind: "USER" | "DEVICE" | "SHAMIR_RECOVERY";
  readonly source: string;
  readonly invitation_address: string;
  readonly invitation_token: string;
  /** Null for a side that the reference client played. */
  readonly greeter_private_key: string | null;
  readonly greeter_public_key: string;
  readonly claimer_private_key: string | null;
  readonly claimer_public_key: string;
  readonly shared_secret_key: string;
  readonly claimer_nonce: string;
  readonly greeter_nonce: string;
  readonly hashed_nonce: string;
  readonly sas_mac: string;
  readonly claimer_sas: string;
  readonly greeter_sas: string;
  readonly claimer_payload: RecordedData & { readonly encrypted: string; readonly content: { readonly type: string } };
  readonly greeter_payload: RecordedData & { readonly encrypted: string; readonly content: { readonly type: string } };
  readonly steps: readonly {
    readonly number: number;
    readonly greeter: RecordedStep;
    readonly claimer: RecordedStep;
  }[];
  readonly other_messages: Readonly<Record<string, RecordedMessage>>;
  readonly greeter_device: RecordedDevice;
  readonly certificates?: Readonly<Record<string, RecordedData & { readonly signed: string }>>;
  readonly claimer_device?: RecordedDevice;
  readonly claimer_device_file?: { readonly password: string; readonly file: string };
}

export interface RecordedDevice {
  readonly msgpack: string;
  readonly verify_key: string;
  readonly public_key: string;
}

export interface PayloadReactions {
  readonly shared_secret_key: string;
  readonly received: readonly {
    readonly by: "greeter" | "claimer";
    readonly cases: readonly {
      readonly title: string;
      readonly payload: string;
      readonly cancel_reason: string | null;
    }[];
  }[];
}

interface RecordedRecipient {
  readonly name: string;
  readonly private_key: string;
  readonly share_certificate: RecordedData & { readonly signed: string };
  readonly share_data: RecordedData & { readonly signed: string };
}

export interface RecordedRecovery {
  readonly name: string;
  readonly threshold: number;
  readonly owner_device: RecordedDevice;
  readonly data_key: string;
  readonly reveal_token: string;
  readonly secret: RecordedData;
  readonly ciphered_data: { readonly encrypted: string };
  readonly recovery_device: RecordedDevice;
  readonly shares: readonly string[];
  /** Known of one recovery only. */
  readonly shares_used?: readonly string[];
  readonly brief_certificate: RecordedData & { readonly signed: string };
  readonly recipients: readonly RecordedRecipient[];
  readonly new_device: RecordedDevice;
}

export interface RecordedEnrollment {
  readonly name: string;
  readonly pending_file: string;
  readonly openbao_key: string;
  readonly cleartext_content_digest: string;
  readonly signing_key: string;
  readonly private_key: string;
  readonly submit_payload: RecordedData;
  readonly accept_payload: RecordedData;
  readonly device: RecordedDevice;
}

export interface GreetingVectors {
  readonly greetings: readonly RecordedGreeting[];
  readonly payload_reactions: PayloadReactions;
  readonly shamir_recoveries: readonly RecordedRecovery[];
  readonly async_enrollments: readonly RecordedEnrollment[];
}

const file = new URL("../../../../../test/vectors/greeting.json", import.meta.url);
export const vectors = JSON.parse(readFileSync(file, "utf8")) as GreetingVectors;

export function bytes(base64: string): Uint8Array<ArrayBuffer> {
  const decoded = fromBase64(base64);
  if (decoded === undefined) throw new Error("not base64");
  return decoded;
}
