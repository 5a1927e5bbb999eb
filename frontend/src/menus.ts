import { all, find } from "./dom.ts";

/* Menus are native popovers: the browser gives light dismissal, Esc and the top layer; here only the place. */
function place(menu: HTMLElement): void {
  const button = find(`[popovertarget="${menu.id}"]`);
  if (!button) return;
  const at = button.getBoundingClientRect();
  const gap = 6;
  const { offsetWidth: width, offsetHeight: height } = menu;
  const right = menu.dataset.align === "end" ? at.right - width : at.left;
  const left = Math.max(8, Math.min(right, innerWidth - width - 8));
  const below = at.bottom + gap;
  const top = below + height > innerHeight - 8 ? Math.max(8, at.top - gap - height) : below;
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
}

function move(menu: HTMLElement, event: KeyboardEvent): void {
  const items = all("a[href],button:not([disabled]),input", menu);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !items.length) return;
  event.preventDefault();
  const next = items.indexOf(document.activeElement as HTMLElement) + step;
  items[(next + items.length) % items.length]?.focus();
}

export function startMenus(): void {
  document.addEventListener(
    "toggle",
    (event) => {
      const menu = event.target as HTMLElement;
      if (!menu.matches?.(".menu[popover]")) return;
      const open = (event as ToggleEvent).newState === "open";
      find(`[popovertarget="${menu.id}"]`)?.setAttribute("aria-expanded", String(open));
      if (open) {
        place(menu);
        find("a[href],button:not([disabled]),input", menu)?.focus({ preventScroll: true });
      }
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    const menu = (event.target as Element).closest?.<HTMLElement>(".menu[popover]");
    if (menu) move(menu, event);
  });
  addEventListener("resize", () => all(".menu[popover]:popover-open").forEach((menu) => place(menu)));
}
