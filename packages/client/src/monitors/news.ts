import type { ClientEvent } from "../session/events.ts";

/**
 * Whether what made background work fail may be gone: the server is back, a role, a key, the organization or the list
 * of workspaces changed.
 */
export function isNews(event: ClientEvent): boolean {
  switch (event.type) {
    case "connection":
      return event.state.status === "online";
    case "missed_server_events":
    case "new_certificates":
    case "organization_config":
    case "workspaces_changed":
      return true;
    default:
      return false;
  }
}
