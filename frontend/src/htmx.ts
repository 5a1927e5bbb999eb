import htmx from "htmx.org";
import { announce, cookie, find, meta, word } from "./dom.ts";
import { showToast } from "./toasts.ts";

/* Personal data stays out of the browser's storage: Back asks the server for the page again. */
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = false;
htmx.config.historyRestoreAsHxRequest = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.defaultFocusScroll = false;
htmx.config.scrollIntoViewOnBoost = false;
htmx.config.timeout = 30000;
htmx.config.responseHandling = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true, error: false },
  { code: "[45]..", swap: false, error: true },
];

type HtmxDetail = {
  headers: Record<string, string>;
  xhr: XMLHttpRequest;
  target: HTMLElement;
  elt: HTMLElement;
  shouldSwap: boolean;
  requestConfig: { triggeringEvent?: SubmitEvent; elt: HTMLElement };
};

const listen = (name: string, handler: (detail: HtmxDetail, event: Event) => void): void =>
  document.addEventListener(name, (event) => handler((event as CustomEvent<HtmxDetail>).detail, event));

function busyElement(detail: HtmxDetail): HTMLElement | null {
  const submitter = detail.requestConfig?.triggeringEvent?.submitter;
  return submitter ?? (detail.elt.matches(".btn") ? detail.elt : null);
}

function errorText(xhr: XMLHttpRequest): string {
  const type = xhr.getResponseHeader("Content-Type") ?? "";
  if (type.includes("json")) {
    try {
      const problem = JSON.parse(xhr.responseText) as { detail?: string; title?: string };
      if (problem.detail ?? problem.title) return String(problem.detail ?? problem.title);
    } catch {
      /* not a problem document: the general sentence below says enough */
    }
  }
  if (type.startsWith("text/plain") && xhr.responseText.length < 200) return xhr.responseText;
  return word({ 403: "denied", 404: "missing", 409: "conflict" }[xhr.status] ?? "failed");
}

function keepScroll(): void {
  const places = new Map<string, number>();
  listen("htmx:beforeSwap", ({ target }) => {
    places.clear();
    for (const pane of [target, ...target.querySelectorAll<HTMLElement>(".scroll[id]")]) {
      if (pane.id && pane.scrollTop) places.set(pane.id, pane.scrollTop);
    }
  });
  listen("htmx:afterSwap", () => {
    for (const [id, top] of places) {
      const pane = document.getElementById(id);
      if (pane && pane.dataset.scroll !== "top") pane.scrollTop = top;
    }
  });
}

export function startHtmx(): void {
  listen("htmx:configRequest", ({ headers }) => {
    headers["X-CSRFToken"] = cookie("csrftoken") || meta("csrf-token");
    if (document.hidden) headers["X-Hidden"] = "1"; // nobody has read what comes now
  });
  listen("htmx:beforeRequest", (detail) => busyElement(detail)?.setAttribute("aria-busy", "true"));
  listen("htmx:afterRequest", (detail) => busyElement(detail)?.removeAttribute("aria-busy"));
  listen("htmx:beforeSwap", (detail, event) => {
    const signIn = meta("login-url");
    if (!signIn || !detail.xhr.responseURL) return;
    const landed = new URL(detail.xhr.responseURL).pathname;
    if (landed === signIn && location.pathname !== signIn) {
      event.preventDefault();
      location.assign(`${signIn}?next=${encodeURIComponent(location.pathname + location.search)}`);
    }
  });
  listen("htmx:responseError", ({ xhr }) => showToast({ text: errorText(xhr), kind: "bad" }));
  listen("htmx:sendError", () => showToast({ text: word("offline"), kind: "bad" }));
  listen("htmx:timeout", () => showToast({ text: word("slow"), kind: "bad" }));
  listen("htmx:afterSettle", ({ target }) => {
    if (!target) return; // Back restored a whole page
    const said = find("[data-announce]", target)?.dataset.announce ?? target.dataset.announce;
    if (said) announce(said);
    const summary = find("[data-focus-first]", target);
    summary?.focus();
  });
  keepScroll();
}
