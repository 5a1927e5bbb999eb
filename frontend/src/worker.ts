/* The service worker. Keeps one page, “no connection”, and the hashed files it needs; nothing with anybody's data.
   `VERSION` is written in front by the server: another build is another worker. */
declare const VERSION: string;

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asking extends Lasting {
  request: Request;
  preloadResponse: Promise<Response | undefined>;
  respondWith(answer: Promise<Response>): void;
}
interface Pushed extends Lasting {
  data: { json(): { title: string; body: string; url: string; tag: string } } | null;
}
interface Clicked extends Lasting {
  notification: Notification;
}
interface Page {
  visibilityState: string;
  focus(): Promise<Page>;
  navigate(url: string): Promise<Page | null>;
}
interface Scope {
  location: Location;
  registration: {
    navigationPreload?: { enable(): Promise<void> };
    showNotification(title: string, options: NotificationOptions): Promise<void>;
  };
  clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<Page[]>;
    openWindow(url: string): Promise<Page | null>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install" | "activate", act: (event: Lasting) => void): void;
  addEventListener(name: "fetch", act: (event: Asking) => void): void;
  addEventListener(name: "push", act: (event: Pushed) => void): void;
  addEventListener(name: "notificationclick", act: (event: Clicked) => void): void;
}

const scope = self as unknown as Scope;
const cacheName = `offline-${VERSION}`;
const page = `/offline/${scope.location.search}`;

async function keep(): Promise<void> {
  const answer = await fetch(page, { cache: "reload", credentials: "omit" });
  if (!answer.ok) throw new Error(String(answer.status));
  const text = await answer.clone().text();
  const files = [...text.matchAll(/(?:href|src)="(\/static\/[^"#]+)"/g)].map((match) => match[1] ?? "");
  const cache = await caches.open(cacheName);
  await cache.addAll([...new Set(files)]);
  await cache.put(page, answer);
  await scope.skipWaiting();
}

async function forget(): Promise<void> {
  for (const name of await caches.keys()) if (name !== cacheName) await caches.delete(name);
  await scope.registration.navigationPreload?.enable();
  await scope.clients.claim();
}

async function open(event: Asking): Promise<Response> {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(page, { ignoreVary: true })) ?? Response.error();
  }
}

async function file(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request, { ignoreVary: true })) ?? Response.error();
  }
}

const pages = (): Promise<Page[]> => scope.clients.matchAll({ type: "window", includeUncontrolled: true });

/* A page that is looked at tells it itself. */
async function show(event: Pushed): Promise<void> {
  const said = event.data?.json();
  if (!said || (await pages()).some((one) => one.visibilityState === "visible")) return;
  const { title, body, tag, url } = said;
  await scope.registration.showNotification(title, { body, tag, data: url, icon: "/static/ui/icon-192.png" });
}

/* Only paths of ours are opened. */
async function follow(event: Clicked): Promise<void> {
  event.notification.close();
  const url = new URL(String(event.notification.data ?? "/"), scope.location.origin);
  if (url.origin !== scope.location.origin) return;
  const [open] = await pages();
  if (!open) await scope.clients.openWindow(url.href);
  else await (await open.focus()).navigate(url.href);
}

scope.addEventListener("push", (event) => event.waitUntil(show(event)));
scope.addEventListener("notificationclick", (event) => event.waitUntil(follow(event)));
scope.addEventListener("install", (event) => event.waitUntil(keep()));
scope.addEventListener("activate", (event) => event.waitUntil(forget()));
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  if (request.mode === "navigate") event.respondWith(open(event));
  else if (url.origin === scope.location.origin && url.pathname.startsWith("/static/")) event.respondWith(file(request));
});
export {};
