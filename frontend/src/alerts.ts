import { find, meta } from "./dom.ts";
import { showToast } from "./toasts.ts";

interface Alert {
  id: number;
  title: string;
  body: string;
  url: string;
  page: boolean;
  sound: boolean;
}
interface News {
  items: Alert[];
  last: number;
  counts: Record<string, number>;
}

const SOUNDED = "alert-sounded";
let last: number | null = null;
let waiting = 0;
let audio: AudioContext | null = null;

/* Browsers let a page sound only after its person has touched it. */
function wake(): void {
  audio ??= new AudioContext();
  if (audio.state === "suspended") void audio.resume();
}

function tone(): void {
  if (!audio) return;
  for (const [at, pitch] of [[0, 880], [0.12, 1174.7]] as const) {
    const start = audio.currentTime + at;
    const voice = audio.createOscillator();
    const volume = audio.createGain();
    voice.frequency.value = pitch;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.12, start + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.28);
    voice.connect(volume).connect(audio.destination);
    voice.start(start);
    voice.stop(start + 0.3);
  }
  document.dispatchEvent(new CustomEvent("alert-sound"));
}

/* Of all open pages one sounds: the first that may takes the lock and leaves the number. */
async function sound(id: number): Promise<void> {
  if (audio?.state !== "running") return;
  const once = (): void => {
    if (id <= Number(localStorage.getItem(SOUNDED) ?? 0)) return;
    localStorage.setItem(SOUNDED, String(id));
    tone();
  };
  const locks = (navigator as Partial<Navigator>).locks; // none without https
  if (locks) await locks.request("alert-sound", once);
  else once();
}

function title(): void {
  const plain = document.title.replace(/^\(\d+\) /, "");
  const wanted = waiting ? `(${waiting}) ${plain}` : plain;
  if (document.title !== wanted) document.title = wanted;
}

function count(counts: Record<string, number>): void {
  waiting = Object.values(counts).reduce((sum, one) => sum + one, 0);
  title();
  void (navigator as Partial<Navigator>).setAppBadge?.(waiting).catch(() => undefined);
  for (const [url, n] of Object.entries(counts)) {
    for (const link of document.querySelectorAll(`.nav a[href="${url}"], .dock a[href="${url}"]`)) {
      let mark = link.querySelector(".nav-count, .count");
      if (!mark && n) {
        mark = document.createElement("span");
        mark.className = link.matches(".nav-item") ? "nav-count hot" : "count hot";
        link.append(mark);
      }
      if (mark) mark.textContent = String(n);
      if (!n) mark?.remove();
    }
  }
}

function tell(news: News): void {
  last = Math.max(last ?? 0, news.last);
  count(news.counts);
  for (const alert of news.items) {
    if (alert.sound) void sound(alert.id);
    const reading = !document.hidden && location.pathname === alert.url;
    if (alert.page && !document.hidden && !reading) {
      showToast({ text: alert.body ? `${alert.title}: ${alert.body}` : alert.title, kind: "info", url: alert.url });
    }
  }
}

/** Tells what came: a toast, a sound, counts. One page of a browser follows, and goes on when it is hidden. */
export function startAlerts(): void {
  const box = find("#alerts");
  const url = meta("live-url");
  if (!box || !url) return;
  const channel = new BroadcastChannel(`alerts ${box.dataset.topic}`);
  channel.onmessage = (event: MessageEvent<News>) => tell(event.data);
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, wake);
  document.addEventListener("htmx:afterSettle", title);

  let retry = 1000;
  const ask = async (): Promise<void> => {
    const query = last === null ? "" : `?after=${last}`;
    const answer = await fetch(`${box.dataset.news}${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    const news = (await answer.json()) as News;
    tell(news);
    channel.postMessage(news);
  };
  const asked = (): void => void ask().catch(() => undefined);
  const follow = (): void => {
    const stream = new EventSource(`${url}?topics=${encodeURIComponent(box.dataset.topic ?? "")}`, { withCredentials: true });
    stream.onopen = () => {
      retry = 1000;
      asked();
    };
    stream.onmessage = asked;
    stream.onerror = () => {
      if (stream.readyState !== EventSource.CLOSED) return;
      setTimeout(follow, retry);
      retry = Math.min(retry * 2, 60000);
    };
  };
  const locks = (navigator as Partial<Navigator>).locks;
  if (locks) void locks.request(`alerts ${box.dataset.topic}`, () => new Promise(follow));
  else follow();
}
