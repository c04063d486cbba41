import type { RequestListener } from "node:http";
import type { Readiness } from "../http/readiness.ts";
import { expositionContentType } from "./exposition.ts";
import type { ServerMetrics } from "./server-metrics.ts";

/** What answers on the port of the metrics, which is for operators alone: `/metrics`, `/health` and `/ready`. */
export function metricsListener(metrics: ServerMetrics, readiness: Readiness): RequestListener {
  return (request, response) => {
    const path = request.url?.split("?")[0];
    const answer = (status: number, type: string, body: string) => {
      response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store" });
      response.end(request.method === "HEAD" ? undefined : body);
    };
    if (request.method !== "GET" && request.method !== "HEAD") return answer(405, "text/plain", "Method Not Allowed\n");
    if (path === "/metrics") return answer(200, expositionContentType, metrics.text());
    if (path === "/health") return answer(200, "application/json", '{"status":"ok"}');
    if (path !== "/ready") return answer(404, "text/plain", "Here are /metrics, /health and /ready\n");
    void readiness.report().then((report) => {
      answer(report.status === "ready" ? 200 : 503, "application/json", JSON.stringify(report));
    });
  };
}
