/** Which requests a rule applies to; everything given must hold. Ids are 32 lower-case hex digits. */
export interface HostileMatch {
  /** Name of a command, such as `vlob_read_batch`. */
  readonly command?: string;
  readonly realm_id?: string;
  readonly vlob_id?: string;
  readonly block_id?: string;
  /** Type of a certificate, such as `realm_role_certificate`. */
  readonly certificate?: string;
}

interface Common {
  /** Only this organization; every one by default. */
  readonly organization_id?: string;
  readonly match?: HostileMatch;
  /** How many times the rule applies; for ever by default. */
  readonly count?: number;
}

/** What a hostile server does. The same JSON is given to `server.hostile.add` and to `POST /testbed/hostile`. */
export type HostileRule = Common &
  (
    | {
        readonly kind:
          | "swap_blocks"
          | "tamper_blocks"
          | "replay_vlobs"
          | "tamper_vlobs"
          | "forge_vlob_timestamps"
          | "forge_vlob_authors"
          | "drop_certificates"
          | "duplicate_certificates"
          | "reorder_certificates"
          | "tamper_certificates"
          | "weak_kdf"
          | "garbage_reply";
      }
    /** The certificates of these operations (spec 13 §3) are served too, unchecked. */
    | { readonly kind: "serve_operations"; readonly operations: readonly unknown[] }
    /** Certificates, vlobs and blocks come from that organization. */
    | { readonly kind: "other_organization"; readonly from: string }
    | { readonly kind: "delay"; readonly delay_ms: number }
    /** Every n-th request is answered with that status. */
    | { readonly kind: "http_status"; readonly status: number; readonly every?: number }
  );

export type HostileKind = HostileRule["kind"];
