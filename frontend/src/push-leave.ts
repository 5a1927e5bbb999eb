import type { Kit } from "./parts.ts";

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

/** Ask the browser for leave, and give its address to the server. */
export async function allow(box: HTMLElement, { find, htmx }: Kit): Promise<void> {
  const said = find("[data-push-said]", box);
  const say = (words: string): void => {
    if (said) said.textContent = words;
  };
  const worker = (navigator as Partial<Navigator>).serviceWorker;
  if (!worker || !("PushManager" in window) || !("Notification" in window)) return say(box.dataset.wordNone ?? "");
  if ((await Notification.requestPermission()) !== "granted") return say(box.dataset.wordDenied ?? "");
  const registration = await worker.ready;
  const key = bytes(box.dataset.keyOfPush ?? "");
  const old = await registration.pushManager.getSubscription();
  const same = old?.options.applicationServerKey && bytesEqual(new Uint8Array(old.options.applicationServerKey), key);
  if (old && !same) await old.unsubscribe();
  const subscription = same ? old : await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const { endpoint, keys } = subscription!.toJSON();
  const values = { endpoint: endpoint ?? "", p256dh: keys?.p256dh ?? "", auth: keys?.auth ?? "" };
  await htmx.ajax("post", box.dataset.push ?? "", { values, swap: "none", source: box });
  location.reload();
}

const bytesEqual = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((value, place) => value === other[place]);
