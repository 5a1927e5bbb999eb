import { all, find, meta } from "./dom.ts";

const THROTTLE = 5000;
const due = new WeakMap<Element, number>();
const seen = new WeakMap<Element, number>();
let source: EventSource | null = null;
let topics = "";
let barTimer = 0;
let retry = 1000;
let lost = false;

const topicsOf = (element: HTMLElement): string[] => (element.dataset.live ?? "").split(/\s+/).filter(Boolean);

/* At most one `live` in five seconds (or `data-live-pause` ms) an element; one inside the pause is kept for its end. */
function signal(element: HTMLElement): void {
  if (due.has(element)) return;
  const pause = Number(element.dataset.livePause ?? THROTTLE);
  const wait = Math.max(0, (seen.get(element) ?? -pause) + pause - performance.now());
  due.set(element, window.setTimeout(() => {
    due.delete(element);
    seen.set(element, performance.now());
    if (element.isConnected) element.dispatchEvent(new CustomEvent("live", { bubbles: false }));
  }, wait));
}

function signalAll(): void {
  all("[data-live]").forEach(signal);
}

function topicOf(data: string): string {
  if (!data.startsWith("{")) return data.trim();
  try {
    return String((JSON.parse(data) as { topic?: string }).topic ?? "");
  } catch {
    return "";
  }
}

function bar(shown: boolean): void {
  clearTimeout(barTimer);
  const element = find("#offline");
  if (!element) return;
  if (!shown) element.hidden = true;
  else barTimer = window.setTimeout(() => (element.hidden = false), 4000);
}

function open(): void {
  const url = meta("live-url");
  const wanted = [...new Set(all("[data-live]").flatMap(topicsOf))].sort().join(",");
  if (!url || (source && wanted === topics)) return;
  source?.close();
  source = null;
  topics = wanted;
  if (!wanted || document.hidden) return;
  const stream = new EventSource(`${url}?topics=${encodeURIComponent(wanted)}`, { withCredentials: true });
  source = stream;
  stream.onopen = () => {
    retry = 1000;
    bar(false);
    if (lost) signalAll();
    lost = false;
  };
  stream.onmessage = (event: MessageEvent<string>) => {
    const topic = topicOf(event.data);
    for (const element of all("[data-live]")) if (topicsOf(element).includes(topic)) signal(element);
  };
  stream.onerror = () => {
    lost = true;
    bar(true);
    if (stream.readyState !== EventSource.CLOSED || source !== stream) return;
    source = null;
    setTimeout(open, retry);
    retry = Math.min(retry * 2, 60000);
  };
}

/** Elements with `data-live="renewals client:12"` get a `live` event when the server signals one of the topics. */
export function startLive(): void {
  let pause = 0;
  document.addEventListener("htmx:afterSettle", open);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(pause);
    if (document.hidden) {
      pause = window.setTimeout(() => {
        source?.close();
        source = null;
        lost = true;
      }, 30000);
      return;
    }
    all("[data-live-seen]").forEach(signal);
    if (!source) open();
  });
  addEventListener("offline", () => bar(true));
  addEventListener("online", () => (source ? bar(false) : open()));
  open();
}
