/** The small shared helpers: delegated events, cookies, translated words from the page. */

export function on<K extends keyof DocumentEventMap>(
  type: K,
  selector: string,
  handler: (element: HTMLElement, event: DocumentEventMap[K]) => void,
): void {
  document.addEventListener(type, (event) => {
    const element = (event.target as Element | null)?.closest?.<HTMLElement>(selector);
    if (element) handler(element, event);
  });
}

export function find<T extends HTMLElement = HTMLElement>(selector: string, root: ParentNode = document): T | null {
  return root.querySelector<T>(selector);
}

export function all<T extends HTMLElement = HTMLElement>(selector: string, root: ParentNode = document): T[] {
  return [...root.querySelectorAll<T>(selector)];
}

export function cookie(name: string): string {
  const pair = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return pair ? decodeURIComponent(pair.slice(name.length + 1)) : "";
}

export function keepCookie(name: string, value: string): void {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

export function meta(name: string): string {
  return find<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";
}

/** A word of the interface in the page's language; base.html carries them in #ui-words. */
export function word(name: string): string {
  return find("#ui-words")?.dataset[name] ?? "";
}

export function icon(name: string): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${meta("sprite")}#i-${name}`);
  svg.append(use);
  return svg;
}

const FOCUSABLE = "a[href],button:not([disabled]),input:not([disabled]):not([type=hidden]),select:not([disabled]),textarea:not([disabled]),summary,[tabindex]:not([tabindex='-1'])";

export function focusable(root: ParentNode): HTMLElement[] {
  return all(FOCUSABLE, root).filter((element) => element.checkVisibility());
}

export function inField(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  if (!element?.closest) return false;
  const field = element.closest<HTMLElement>("input,textarea,select,[contenteditable],[role=combobox]");
  if (!field) return false;
  return !(field instanceof HTMLInputElement && ["checkbox", "radio", "button", "submit"].includes(field.type));
}

/** Say something to a screen reader without moving the focus. */
export function announce(text: string): void {
  const region = find("#announcer");
  if (!region) return;
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 60);
}
