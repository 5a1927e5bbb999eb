import { find, focusable } from "./dom.ts";

let opener: HTMLElement | null = null;
let openerId = "";
let backTo = "";

export function openDrawer(): HTMLElement | null {
  return find("#drawer .drawer");
}

export function closeDrawer(): boolean {
  const place = find("#drawer");
  const drawer = openDrawer();
  if (!place || !drawer) return false;
  const back = drawer.dataset.back || backTo;
  place.replaceChildren();
  if (back && back !== location.pathname + location.search) history.pushState({ htmx: true }, "", back);
  backTo = "";
  const again = opener?.isConnected ? opener : openerId ? document.getElementById(openerId) : null;
  (again ?? find("#main"))?.focus();
  return true;
}

function enter(drawer: HTMLElement): void {
  const first = find("[data-autofocus]", drawer) ?? find("h2", drawer) ?? drawer;
  if (first.tabIndex < 0 && !first.hasAttribute("tabindex")) first.tabIndex = -1;
  first.focus({ preventScroll: true });
}

function loop(event: KeyboardEvent): void {
  const drawer = openDrawer();
  if (event.key !== "Tab" || !drawer?.contains(document.activeElement)) return;
  const stops = focusable(drawer);
  const [first, last] = [stops[0], stops.at(-1)];
  if (!first || !last) return;
  const at = document.activeElement;
  if (event.shiftKey && (at === first || !stops.includes(at as HTMLElement))) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && at === last) {
    event.preventDefault();
    first.focus();
  }
}

/** Links and buttons with hx-target="#drawer" open it; Esc, its × and the event `close-drawer` close it. */
export function startDrawer(): void {
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { target, elt } = (event as CustomEvent).detail as { target: HTMLElement | null; elt: HTMLElement };
    if (target?.id !== "drawer" || target.contains(elt)) return;
    if (!openDrawer()) backTo = location.pathname + location.search;
    opener = elt;
    openerId = elt.id;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const { target, requestConfig } = (event as CustomEvent).detail as {
      target?: HTMLElement;
      requestConfig: { triggeringEvent?: Event };
    };
    const drawer = openDrawer();
    if (target?.id !== "drawer" || !drawer || requestConfig?.triggeringEvent?.type === "live") return;
    enter(drawer);
  });
  document.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-close-drawer]")) {
      event.preventDefault();
      closeDrawer();
    }
  });
  document.addEventListener("keydown", loop);
  document.body.addEventListener("close-drawer", () => closeDrawer());
}
