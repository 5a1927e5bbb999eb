/* Local state of a fragment may be written with Alpine (x-data); it is fetched only where a page has some. */
let loading: Promise<void> | null = null;

async function load(): Promise<void> {
  const { default: Alpine } = await import("@alpinejs/csp");
  Alpine.start();
}

function need(): void {
  if (!loading && document.querySelector("[x-data]")) loading = load();
}

export function startState(): void {
  need();
  document.addEventListener("htmx:afterSettle", need);
}
